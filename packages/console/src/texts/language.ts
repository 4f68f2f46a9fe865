// The language of the pages: the first of the browser's that we have.
import type { Texts } from "./en.ts";

export const language: "en" | "de" = navigator.languages
  .find((wanted) => /^(?:en|de)\b/i.test(wanted))
  ?.toLowerCase()
  .startsWith("de")
  ? "de"
  : "en";

/** All that the pages say. */
export const t: Texts = language === "de" ? (await import("./de.ts")).de : (await import("./en.ts")).en;
