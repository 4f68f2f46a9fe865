// A mail as text and as HTML: the same words in both, nothing to load, readable in light and dark.

/** One mail in order of reading. */
export interface Layout {
  readonly language: string;
  readonly subject: string;
  readonly greeting: string;
  readonly before: readonly string[];
  readonly link: { readonly label: string; readonly url: string } | undefined;
  readonly code: { readonly label: string; readonly code: string } | undefined;
  readonly after: readonly string[];
  readonly footer: string;
}

const textColumns = 72;

export function textOf({ greeting, before, link, code, after, footer }: Layout): string {
  const parts = [greeting, ...before];
  // A link on a line of its own, whole: mail programs find it, and nobody copies half of it.
  if (link !== undefined) parts.push(`${link.label}:\n${link.url}`);
  if (code !== undefined) parts.push(`${code.label}\n\n    ${code.code}`);
  return `${[...parts, ...after].map(wrapped).join("\n\n")}\n\n-- \n${wrapped(footer)}\n`;
}

function wrapped(paragraph: string): string {
  return paragraph
    .split("\n")
    .map((line) => {
      if (line.startsWith("    ")) return line;
      const lines: string[] = [];
      for (const word of line.split(" ")) {
        const last = lines.at(-1);
        if (last !== undefined && last.length + 1 + word.length <= textColumns)
          lines[lines.length - 1] = `${last} ${word}`;
        else lines.push(word);
      }
      return lines.join("\n");
    })
    .join("\n");
}

/** Colours with a contrast of 4.5 at least, in both schemes. */
const style = `
  :root { color-scheme: light dark; }
  body { margin: 0; padding: 24px 16px; background: #f6f6f4; color: #1c1c1a;
    font: 16px/1.5 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
  .sheet { max-width: 560px; margin: 0 auto; padding: 24px; background: #ffffff; border-radius: 8px; }
  p { margin: 0 0 16px; }
  .button { display: inline-block; padding: 12px 20px; border-radius: 6px; background: #1b4dd1; color: #ffffff;
    font-weight: 600; text-decoration: none; }
  .url { font-size: 13px; overflow-wrap: anywhere; color: #55554f; }
  .code { font: 600 24px/1.2 ui-monospace, Menlo, Consolas, monospace; letter-spacing: 2px; }
  .footer { margin: 24px 0 0; padding: 16px 0 0; border-top: 1px solid #dcdcd6; font-size: 13px; color: #55554f; }
  @media (prefers-color-scheme: dark) {
    body { background: #161615; color: #ececea; }
    .sheet { background: #222220; }
    .button { background: #8fb0ff; color: #101828; }
    .url, .footer { color: #b4b4ae; }
    .footer { border-top-color: #3c3c39; }
  }
`;

export function htmlOf(layout: Layout): string {
  const { language, subject, greeting, before, link, code, after, footer } = layout;
  const parts = [greeting, ...before].map(paragraph);
  if (link !== undefined) {
    const url = escaped(link.url);
    parts.push(
      `<p><a class="button" href="${url}">${escaped(link.label)}</a></p>`,
      `<p class="url">${url}</p>`,
    );
  }
  if (code !== undefined) parts.push(paragraph(code.label), `<p class="code">${escaped(code.code)}</p>`);
  parts.push(...after.map(paragraph), `<p class="footer">${escaped(footer)}</p>`);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(subject)}</title>
<style>${style}</style>
</head>
<body>
<div class="sheet">
${parts.join("\n")}
</div>
</body>
</html>
`;
}

function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
