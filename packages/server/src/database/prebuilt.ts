// Statements that are built once: to build one takes about as long as its way to the database and back.
import type { Compilable, Kysely } from "kysely";
import type { Tables } from "./tables.ts";

export type GivenValues = Readonly<Record<string, string | number | null>>;

/** Must put what it is given into the statement as values, and decide nothing by them. */
export type BuildStatement<Given extends GivenValues, Row> = (given: Given) => Compilable<Row>;

/** Answers the statement's rows. */
export type Prebuilt<Given extends GivenValues, Row> = (db: Kysely<Tables>, given: Given) => Promise<Row[]>;

/** `prebuiltOn` a database, or where that cannot be, `builtEachTime`. */
export type Build = <Given extends GivenValues, Row>(
  build: BuildStatement<Given, Row>,
) => Prebuilt<Given, Row>;

/** Stands for a value in the statement that is built once. */
export class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Answers the rows of a statement without a wait, where the database is in this process and lets it in at once. Undefined
 * where a transaction has it, and `isInTransaction` says that the statement is none of it; or the other way round.
 */
export type RunAtOnce = (
  sql: string,
  parameters: readonly unknown[],
  isInTransaction: boolean,
) => unknown[] | undefined;

/** Kysely's way to a connection takes longer than most statements: they go by it where `runAtOnce` does not answer. */
export function prebuiltOn(runAtOnce: RunAtOnce = () => undefined): Build {
  return <Given extends GivenValues, Row>(build: BuildStatement<Given, Row>) => {
    const placeholders = new Proxy({} as Given, { get: (_, name) => new Placeholder(String(name)) });
    const built = build(placeholders).compile();
    return async (db, given) => {
      const parameters = built.parameters.map((value) =>
        value instanceof Placeholder ? given[value.name] : value,
      );
      const rows = runAtOnce(built.sql, parameters, db.isTransaction) as Row[] | undefined;
      return rows ?? (await db.executeQuery<Row>({ ...built, parameters })).rows;
    };
  };
}

export function builtEachTime<Given extends GivenValues, Row>(
  build: BuildStatement<Given, Row>,
): Prebuilt<Given, Row> {
  return async (db, given) => (await db.executeQuery(build(given).compile())).rows;
}

/** Must name each column of a row, and put it into the statement as a value. */
export type BuildForRows<Given extends GivenValues, Row> = (rows: readonly Given[]) => Compilable<Row>;

/** For a list of rows, however long; answers the statement's rows. */
export type PrebuiltForRows<Given extends GivenValues, Row> = (
  db: Kysely<Tables>,
  rows: readonly Given[],
) => Promise<Row[]>;

/** Below the parameter limits of both databases. */
const rowsPerStatement = 500;

/** What a request leaves is a few rows; statements for so many at most are kept. */
const keptRows = 8;

/** Built once for each number of rows, as far as that is small. */
export function prebuiltForRows<Given extends GivenValues, Row>(
  once: Build,
  build: BuildForRows<Given, Row>,
): PrebuiltForRows<Given, Row> {
  const kept = new Map<number, Prebuilt<GivenValues, Row>>();

  function statementFor(count: number): Prebuilt<GivenValues, Row> {
    const known = kept.get(count);
    if (known !== undefined) return known;
    const statement = once((given: GivenValues) => build(rowsIn(given, count)));
    kept.set(count, statement);
    return statement;
  }

  return async (db, rows) => {
    const answers: Row[] = [];
    for (let start = 0; start < rows.length; start += rowsPerStatement) {
      const part = rows.slice(start, start + rowsPerStatement);
      const answered =
        part.length <= keptRows
          ? await statementFor(part.length)(db, flat(part))
          : (await db.executeQuery<Row>(build(part).compile())).rows;
      answers.push(...answered);
    }
    return answers;
  };
}

/** One name for each column of each row: that of the column where there is one row. */
function flat(rows: readonly GivenValues[]): GivenValues {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return only;
  return Object.fromEntries(
    rows.flatMap((row, index) => Object.entries(row).map(([name, value]) => [`${index} ${name}`, value])),
  );
}

function rowsIn<Given extends GivenValues>(given: GivenValues, count: number): Given[] {
  if (count === 1) return [given as Given];
  return Array.from(
    { length: count },
    (_, index) => new Proxy({} as Given, { get: (__, name) => given[`${index} ${String(name)}`] }),
  );
}
