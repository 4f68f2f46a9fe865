// The languages that mail is written in, and which of them somebody reads.

export const locales = ["en", "de"] as const;

export type Locale = (typeof locales)[number];

const defaultLocale: Locale = "en";
/** What browsers send has a few entries; whoever sends more gets the first ones read. */
const maxEntries = 20;

/** The best of ours by `Accept-Language` (RFC 9110 §12.5.4); English where it names none of them. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  const wanted = (acceptLanguage ?? "")
    .split(",", maxEntries)
    .map((entry) => {
      const [range = "", ...parameters] = entry.split(";").map((part) => part.trim().toLowerCase());
      const [, quality = "1"] = /^q=(\d(?:\.\d{1,3})?)$/.exec(parameters[0] ?? "") ?? [];
      return { language: range.split("-", 1)[0] ?? "", quality: Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  for (const { language } of wanted) {
    const known = locales.find((locale) => locale === language);
    if (known !== undefined) return known;
  }
  return defaultLocale;
}

/** As it is stored, which may be by a later release. */
export function knownLocale(text: string): Locale {
  return locales.find((locale) => locale === text) ?? defaultLocale;
}
