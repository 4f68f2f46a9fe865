// What every language has to say: a text that is missing is an error of types.
import type { LetterValues, MailPurpose } from "../letter.ts";

/** One mail in words. Paragraphs are plain text; the link and the code stand between `before` and `after`. */
export interface LetterText {
  readonly subject: string;
  readonly before: readonly string[];
  /** What the link is called, where there is one. */
  readonly link?: string;
  /** What stands above the short code, where there is one. */
  readonly code?: string;
  readonly after: readonly string[];
}

/** What the words are about. */
export interface LetterContext {
  /** The host of the service, as its people know it. */
  readonly service: string;
}

export interface MailTexts {
  readonly greeting: string;
  /** The last line of every mail. */
  readonly footer: (context: LetterContext) => string;
  readonly letters: {
    readonly [Purpose in MailPurpose]: (values: LetterValues[Purpose], context: LetterContext) => LetterText;
  };
}
