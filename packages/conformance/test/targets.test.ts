// Our engine and our API refuse everything, and the published comparison is what a run of today gives.
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { conformancePage } from "../targets/page.ts";
import type { Attacked } from "../targets/page.ts";
import { targets } from "../targets/targets.ts";

describe("npm run conformance", () => {
  let attacked: readonly Attacked[] = [];

  beforeAll(async () => {
    attacked = await Promise.all(
      targets.map(async (target) => ({ target, report: await target.attack({}) })),
    );
  }, 600_000);

  const wrongAt = (name: string): readonly string[] => {
    const report = attacked.find(({ target }) => target.name === name)?.report;
    return [...(report?.letIn ?? []), ...(report?.turnedAway ?? [])].map((result) => result.name);
  };

  test.each(targets.filter(({ ours }) => ours).map(({ name }) => name))("lets nothing in at %s", (name) => {
    const posed = attacked.find(({ target }) => target.name === name)?.report.results ?? [];
    expect(posed.length).toBeGreaterThan(100);
    expect(wrongAt(name)).toEqual([]);
  });

  test("is what docs/conformance.md says (else: npm run conformance -- --write-docs)", async () => {
    const page = await readFile(new URL("../../../docs/conformance.md", import.meta.url), "utf8");
    expect(page.split("\n")).toEqual(conformancePage(attacked).split("\n"));
  });
});
