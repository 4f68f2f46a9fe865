// Where each page is. The server answers all of them with the same document.

import { pagesPath as base } from "./base.ts";

export const paths = {
  story: base,
  inspector: `${base}/inspector`,
  account: `${base}/account`,
  sessions: `${base}/account/sessions`,
  login: `${base}/login`,
  signup: `${base}/signup`,
  forgotten: `${base}/forgotten`,
  reset: `${base}/reset`,
  verify: `${base}/verify`,
  verifyAgain: `${base}/verify/again`,
  undo: `${base}/undo`,
  notMe: `${base}/not-me`,
  admin: `${base}/admin`,
  people: `${base}/admin/people`,
  keys: `${base}/admin/keys`,
  trail: `${base}/admin/trail`,
  feed: `${base}/admin/feed`,
  health: `${base}/admin/health`,
  mail: `${base}/mail`,
} as const;
