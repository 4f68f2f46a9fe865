// A fresh PostgreSQL database for a test, in the cluster that the whole run shares.
import { expect, inject } from "vitest";

export async function newPostgresUrl(): Promise<string> {
  const response = await fetch(inject("newPostgresDatabase"), { method: "POST" });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return text;
}
