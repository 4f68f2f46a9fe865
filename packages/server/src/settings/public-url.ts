// Where the links in mail lead: a base for the console's pages, or a template of an app's own.
import { isLoopback } from "./loopback.ts";

/** Stands for the name of the page: `https://app.example.com/account/{page}`. */
export const pagePlaceholder = "{page}";

export function problemOfPublicUrl(text: string): string | undefined {
  const [before = "", after, third] = text.split(pagePlaceholder);
  const { protocol, origin, hash, username, password } = URL.parse(before + (after ?? "")) ?? {};
  const isTemplate = after !== undefined;
  const isGood =
    third === undefined &&
    hash === "" &&
    !text.includes("#") &&
    username === "" &&
    password === "" &&
    // The name of a page stands in the path or behind it, never in the host.
    (!isTemplate || before.startsWith(`${origin}/`)) &&
    (isTemplate || !text.includes("?"));
  const isSafe = protocol === "https:" || (protocol === "http:" && isLoopback(before));
  return isGood && isSafe
    ? undefined
    : `must be an https URL (http only on this machine) without fragment, or one with ${pagePlaceholder} in its path, ` +
        'for example "https://app.example.com/account/{page}"';
}
