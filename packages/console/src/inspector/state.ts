// What the inspector holds: a token, what it was before, and what it is checked with.
import { computed, effect, signal } from "@preact/signals";
import { nowSeconds } from "../session/clock.ts";
import { t } from "../texts/language.ts";
import { anything, type Expectation } from "../token/claims.ts";
import { type KeyKind, type KeyReading, readKeys } from "../token/keys.ts";
import {
  joined,
  objectIn,
  parseObject,
  type Parts,
  partsOf,
  prettyObject,
  segmentOf,
  textIn,
} from "../token/parts.ts";
import { signWithThrowawayKey } from "../token/signing.ts";
import { warningsOf, warningsOfSecret } from "../token/warnings.ts";
import { decide, type Judgement } from "./judgement.ts";
import { type ServerKeys } from "./server-keys.ts";

export type CheckWith = "server" | KeyKind;

export const checkKinds: readonly CheckWith[] = ["server", "secret", "jwk", "pem", "jwks"];

export const token = signal("");
/** The token as it came in, before anybody changed it. */
export const original = signal("");
/** What the editors hold, which need not be JSON while somebody types. */
export const drafts = signal({ header: "", payload: "" });
export const cameIn = signal("");
/** Whether this page got the token from its server, and so knows that it was signed. */
const isFromServer = signal(false);
export const isThrowaway = signal(false);

export const checkWith = signal<CheckWith>("server");
export const keyTexts = signal<Readonly<Record<KeyKind, string>>>({ secret: "", jwk: "", pem: "", jwks: "" });
export const expectedIssuer = signal("");
export const expectedAudience = signal("");
export const serverKeys = signal<ServerKeys | "unreachable" | undefined>(undefined);

const reading = signal<KeyReading>({ problem: "empty" });
export const judgement = signal<Judgement | undefined>(undefined);

export const parts = computed<Parts | undefined>(() => partsOf(token.value));
export const header = computed(() => objectIn(parts.value?.header ?? ""));
export const payload = computed(() => objectIn(parts.value?.payload ?? ""));
const originalParts = computed(() => partsOf(original.value));
export const originalPayload = computed(() => objectIn(originalParts.value?.payload ?? ""));
export const originalHeader = computed(() => objectIn(originalParts.value?.header ?? ""));
export const isChanged = computed(() => token.value !== original.value);

/** The claims whose value is another one than before, or that came or went. */
export const changedClaims = computed<readonly string[]>(() =>
  namesThatDiffer(originalPayload.value, payload.value),
);
export const changedParameters = computed<readonly string[]>(() =>
  namesThatDiffer(originalHeader.value, header.value),
);

function namesThatDiffer(before: object | undefined, after: object | undefined): readonly string[] {
  if (before === undefined || after === undefined) return [];
  const old = new Map(Object.entries(before));
  const fresh = new Map(Object.entries(after));
  const names = new Set([...fresh.keys(), ...old.keys()]);
  return [...names].filter((name) => JSON.stringify(old.get(name)) !== JSON.stringify(fresh.get(name)));
}

export const warnings = computed(() => {
  const ofSecret = checkWith.value === "secret" ? warningsOfSecret(keyTexts.value.secret) : [];
  const ofKey =
    "keys" in reading.value && reading.value.holdsPrivateKey ? [{ kind: "private_key" } as const] : [];
  return [...warningsOf(header.value, payload.value, nowSeconds.value), ...ofSecret, ...ofKey];
});

export const expectation = computed<Expectation>(() => ({
  ...anything,
  issuer: expectedIssuer.value === "" ? null : expectedIssuer.value,
  audience: expectedAudience.value === "" ? null : expectedAudience.value,
}));

/** A new token in place of the one before. `before` is what it was, where the page that hands it over has changed it. */
export function load(
  text: string,
  said: string,
  origin: { readonly fromServer: boolean; readonly before?: string },
): void {
  token.value = text;
  original.value = origin.before ?? text;
  isFromServer.value = origin.fromServer;
  isThrowaway.value = false;
  cameIn.value = said;
  readDrafts();
}

/** Typed into the text of the token itself. */
export function editToken(text: string): void {
  token.value = text;
  sayWhetherChanged();
  readDrafts();
}

function sayWhetherChanged(): void {
  const { changed, undone } = t.inspector.cameIn;
  cameIn.value = isChanged.value ? changed : undone;
}

/** What people paste: a token, perhaps with a header's name, quotes or a whole command around it. */
export function paste(text: string): void {
  const [found = text.replaceAll(/\s/g, "")] = /[\w-]+\.[\w-]+\.[\w-]*/.exec(text) ?? [];
  load(found, t.inspector.cameIn.pasted(found.split(".").length, found.length), { fromServer: false });
}

export function editPart(name: "header" | "payload", draft: string): void {
  drafts.value = { ...drafts.value, [name]: draft };
  const old = originalParts.value;
  // Whoever puts it back as it was has the same token again, however its JSON was written.
  const isAsBefore = old !== undefined && draft === prettySegment(old[name]);
  write({ [name]: isAsBefore ? old[name] : segmentOf(draft) });
}

export function editSignature(text: string): void {
  write({ signature: text.replaceAll(/[\s.]/g, "") });
}

function write(change: Partial<Parts>): void {
  const now = parts.value ?? { header: "", payload: "", signature: "" };
  token.value = joined({ ...now, ...change });
  sayWhetherChanged();
}

export function undo(): void {
  token.value = original.value;
  cameIn.value = t.inspector.cameIn.undone;
  readDrafts();
}

export async function signAnew(): Promise<void> {
  const signed = await signWithThrowawayKey(header.value ?? { typ: "JWT" }, parts.value?.payload ?? "");
  keyTexts.value = { ...keyTexts.value, [signed.kind]: signed.key };
  checkWith.value = signed.kind;
  load(signed.token, t.inspector.cameIn.throwaway, { fromServer: false });
  isThrowaway.value = true;
}

function readDrafts(): void {
  const now = parts.value;
  drafts.value = { header: prettySegment(now?.header ?? ""), payload: prettySegment(now?.payload ?? "") };
}

/** JSON, indented for reading; any other text as it stands. */
function prettySegment(segment: string): string {
  const object = objectIn(segment);
  return object === undefined ? (textIn(segment) ?? segment) : prettyObject(object);
}

/** Whether the text in an editor is a JSON object. */
export function isObject(draft: string): boolean {
  return parseObject(draft) !== undefined;
}

effect(() => {
  const kind = checkWith.value;
  if (kind === "server") {
    reading.value = { problem: "empty" };
    return;
  }
  const text = keyTexts.value[kind];
  void readKeys(kind, text).then((read) => {
    // Somebody has typed on meanwhile.
    if (checkWith.value === kind && keyTexts.value[kind] === text) reading.value = read;
  });
});

let asked = 0;

effect(() => {
  const question = {
    token: token.value,
    original: original.value,
    isFromServer: isFromServer.value,
    checkWith: checkWith.value,
    serverKeys: serverKeys.value,
    reading: reading.value,
    expectation: expectation.value,
    nowSeconds: nowSeconds.value,
  };
  asked += 1;
  const mine = asked;
  void decide(question).then((answer) => {
    if (mine === asked) judgement.value = answer;
  });
});
