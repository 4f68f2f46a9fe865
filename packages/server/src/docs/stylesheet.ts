// How the reference looks: light and dark, narrow and wide.

export const stylesheet: string = `:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #15171a);
  --card: light-dark(#ffffff, #1c1f23);
  --ink: light-dark(#1d2126, #e6e4df);
  --quiet: light-dark(#565d66, #a3a9b1);
  --line: light-dark(#e3dfd6, #30353b);
  --accent: light-dark(#0b5c55, #6fd0c4);
  --read: light-dark(#0b5c55, #6fd0c4);
  --write: light-dark(#7a3e00, #f0b36b);
  --remove: light-dark(#a1222a, #ff9a94);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 78rem; padding: 0 1.25rem 6rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif;
}
a { color: var(--accent); text-underline-offset: 0.2em; }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: 0.5rem 1rem; }
code, .path, .method, .status { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.875em; }
header { padding: 3.5rem 0 2rem; border-bottom: 1px solid var(--line); max-width: none; }
header p { max-width: 44rem; color: var(--quiet); }
.brand { margin: 0; font-weight: 600; color: var(--accent); letter-spacing: 0.02em; }
h1 { margin: 0.1rem 0 0.5rem; font-size: 2.4rem; line-height: 1.15; letter-spacing: -0.02em; }
h2 { margin: 0; font-size: 1.5rem; letter-spacing: -0.01em; }
h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
h4 { margin: 1.4rem 0 0.3rem; font-size: 0.95rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.75rem 2.5rem; margin: 1.5rem 0 0; }
.facts dt { color: var(--quiet); font-size: 0.85rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: 18rem minmax(0, 1fr); gap: 3rem; }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 2rem 0.5rem 2rem 0; font-size: 0.9rem; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav > ol > li { margin-bottom: 1.25rem; }
nav > ol > li > a { font-weight: 600; color: var(--ink); text-decoration: none; }
nav ol ol a { display: flex; gap: 0.6rem; padding: 0.15rem 0; color: var(--quiet); text-decoration: none; }
nav a:hover { color: var(--accent); text-decoration: underline; }
nav .method { flex: 0 0 3.6rem; }
nav .path { overflow-wrap: anywhere; }
main { padding-top: 2rem; }
section + section { margin-top: 4rem; }
section > p { margin: 0.25rem 0 1.25rem; color: var(--quiet); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.4rem; margin-bottom: 1.25rem; scroll-margin-top: 1rem; }
article:target { border-color: var(--accent); }
.summary { margin: 0.5rem 0 0; }
.who { margin: 0.25rem 0 0; color: var(--quiet); font-size: 0.92rem; }
.method { font-weight: 700; }
.get { color: var(--read); }
.post, .put, .patch { color: var(--write); }
.delete { color: var(--remove); }
.status { display: inline-block; min-width: 2.6rem; font-weight: 700; }
.s2, .s3 { color: var(--read); }
.s4 { color: var(--write); }
.s5 { color: var(--remove); }
.answer p { margin: 0.35rem 0; }
.type { margin: 0.25rem 0; color: var(--quiet); }
table { width: 100%; border-collapse: collapse; margin: 0.4rem 0 0.8rem; font-size: 0.92rem; }
caption { text-align: left; color: var(--quiet); font-size: 0.85rem; padding-bottom: 0.25rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-top: 1px solid var(--line); font-weight: 400; overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-size: 0.82rem; border-top: 0; padding-block: 0.1rem; }
tbody th { width: 32%; }
tbody td:nth-child(2) { width: 26%; }
details { margin-top: 0.9rem; border-top: 1px solid var(--line); padding-top: 0.7rem; }
summary { cursor: pointer; color: var(--quiet); font-size: 0.92rem; }
details p { font-size: 0.92rem; }
@media (max-width: 60rem) {
  .columns { display: block; }
  nav { position: static; max-height: none; padding-bottom: 0; }
  nav ol ol { columns: 18rem; column-gap: 2rem; }
  header { padding-top: 2rem; }
  h1 { font-size: 1.9rem; }
  article { padding: 1rem; }
}
`;
