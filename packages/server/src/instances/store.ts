// Where the instances on one database say what they are doing.
import type { Database } from "../database/database.ts";
import { type InstanceReport, readReport } from "./report.ts";

export interface InstanceReportStore {
  write(report: InstanceReport): Promise<void>;
  /** Of every instance that reported lately, the oldest id first. */
  recent(): Promise<InstanceReport[]>;
  forget(id: string): Promise<void>;
}

/** Three reports of which none came: it is gone. */
const recentMs = 15_000;
const keptMs = 60_000;

/** Undefined on SQLite, whose one instance is asked itself. */
export function createInstanceReportStore(database: Database): InstanceReportStore | undefined {
  const { db, dialect, now } = database;
  if (dialect === "sqlite") return undefined;
  return {
    async write(report) {
      const values = { reported_at: now(), report: JSON.stringify(report) };
      await db
        .insertInto("instance_reports")
        .values({ id: report.id, ...values })
        .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
        .execute();
      await db
        .deleteFrom("instance_reports")
        .where("reported_at", "<", (on) => on(now(), "-", keptMs))
        .execute();
    },

    async recent() {
      const rows = await db
        .selectFrom("instance_reports")
        .select("report")
        .where("reported_at", ">=", (on) => on(now(), "-", recentMs))
        .orderBy("id")
        .execute();
      return rows.flatMap(({ report }) => readReport(report) ?? []);
    },

    async forget(id) {
      await db.deleteFrom("instance_reports").where("id", "=", id).execute();
    },
  };
}
