// Where these pages and the server's routes are, below whatever prefix.

/** Every script stands in one folder of the pages' own. Not written in one line: Vite would look for an asset. */
const scriptUrl = import.meta.url;
const pagesUrl = new URL("..", scriptUrl);

/** The path of the first page, without a slash at its end. */
export const pagesPath: string = pagesUrl.pathname.replace(/\/$/, "");

/** Where the server's routes are: one level above these pages. */
export const apiBase: URL = new URL("..", pagesUrl);
