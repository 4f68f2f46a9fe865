// How far the story has come. It lives as long as the page.
import type { ActivityRow, TokenResponse } from "@countersign/client";
import { computed, type Signal, signal } from "@preact/signals";
import { nowSeconds } from "../session/clock.ts";
import { passwordMinLength } from "../texts/password-min-length.ts";
import { objectIn, partsOf } from "../token/parts.ts";
import { type Found, stopWatching } from "./activity.ts";
import type { Answer, Sent } from "./exchange.ts";

export const lastStep = 7;

/** Four characters and a dash each. */
const passwordParts = Math.max(4, Math.ceil((passwordMinLength + 1) / 5));

/** 32 characters that nobody confuses: five bits each. */
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

/** A line of the receipt. */
export type ReceiptItem =
  | { readonly kind: "sent"; readonly sent: Sent }
  | { readonly kind: "answered"; readonly answer: Answer; readonly note?: string }
  | { readonly kind: "row"; readonly row: ActivityRow; readonly note?: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "no_trail" }
  | { readonly kind: "heard"; readonly line: string };

interface Receipt {
  readonly id: symbol;
  readonly items: readonly ReceiptItem[];
}

export interface StoryCredentials {
  readonly email: string;
  readonly password: string;
}

export const current = signal(1);
export const done = signal<ReadonlySet<number>>(new Set());
export const credentials = signal<StoryCredentials>(newCredentials("ada@example.com"));
export const hasAccount = computed(() => done.value.has(1));
/** The pair of the story's own session. */
export const tokens = signal<TokenResponse | undefined>(undefined);
const receipts = signal<ReadonlyMap<number, Receipt>>(new Map());
/** What the screen reader hears: the step that one has come to, or the answer that has come. */
export const spoken = signal("");
/** Grows with each new beginning. */
export const telling = signal(0);

const forgetting: (() => void)[] = [];

/** What a step remembers until the story begins anew. */
export function remembered<T>(initial: T): Signal<T> {
  const held = signal(initial);
  forgetting.push(() => (held.value = initial));
  return held;
}

export const claims = computed(
  () => objectIn(partsOf(tokens.value?.access_token ?? "")?.payload ?? "") ?? {},
);

/** What signs the story's tokens: a secret, or a pair of keys. */
export const signedWith = computed<"secret" | "pair">(() => {
  const alg = objectIn(partsOf(tokens.value?.access_token ?? "")?.header ?? "")?.["alg"];
  return typeof alg === "string" && alg.startsWith("HS") ? "secret" : "pair";
});

/** Seconds that the story's token has left. */
export const secondsLeft = computed(() => {
  const { exp } = claims.value;
  return typeof exp === "number" ? exp - nowSeconds.value : 0;
});

/** A token that a server would still take. */
export const liveToken = computed(() => (secondsLeft.value > 2 ? tokens.value?.access_token : undefined));

export function receiptOf(step: number): readonly ReceiptItem[] {
  return receipts.value.get(step)?.items ?? [];
}

/** Adds to a receipt, unless the step has begun another one meanwhile. */
export type AddToReceipt = (...items: readonly ReceiptItem[]) => void;

/** Begins the receipt of a step anew. */
export function startReceipt(step: number, ...begun: readonly ReceiptItem[]): AddToReceipt {
  const id = Symbol("receipt");
  const write = (items: readonly ReceiptItem[]): void => {
    receipts.value = new Map(receipts.value).set(step, { id, items });
  };
  write(begun);
  return (...items) => {
    if (receipts.value.get(step)?.id === id) write([...receiptOf(step), ...items]);
  };
}

/** Adds the row that the trail has, when it comes. Nobody waits for it. */
export function addRow(add: AddToReceipt, row: Promise<Found>, note?: string): void {
  void row.then((found) => {
    if (found === "none") add({ kind: "nothing" });
    else if (found === "absent") add({ kind: "no_trail" });
    else add({ kind: "row", row: found, ...(note !== undefined && { note }) });
  });
}

export function complete(step: number): void {
  done.value = new Set(done.value).add(step);
}

export function goTo(step: number): void {
  if (step >= 1 && step <= lastStep) current.value = step;
}

export function startAgain(): void {
  stopWatching();
  credentials.value = newCredentials(anotherAddress());
  tokens.value = undefined;
  done.value = new Set();
  receipts.value = new Map();
  for (const forget of forgetting) forget();
  telling.value += 1;
  current.value = 1;
}

export function anotherAddress(): string {
  return `ada-${randomText(4)}@example.com`;
}

function newCredentials(email: string): StoryCredentials {
  return { email, password: Array.from({ length: passwordParts }, () => randomText(4)).join("-") };
}

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
}
