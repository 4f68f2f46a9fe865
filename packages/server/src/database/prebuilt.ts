// Statements that are built once: to build one takes about as long as its way to the database and back.
import type { Compilable, Kysely } from "kysely";
import type { Tables } from "./tables.ts";

export type GivenValues = Readonly<Record<string, string | number | null>>;

/** Must put what it is given into the statement as values, and decide nothing by them. */
export type BuildStatement<Given extends GivenValues, Row> = (given: Given) => Compilable<Row>;

export type Prebuilt<Given extends GivenValues, Row> = (
  db: Kysely<Tables>,
  given: Given,
) => Promise<Row | undefined>;

/** Stands for a value in the statement that is built once. */
class Place {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export function prebuilt<Given extends GivenValues, Row>(
  build: BuildStatement<Given, Row>,
): Prebuilt<Given, Row> {
  const places = new Proxy({} as Given, { get: (_, name) => new Place(String(name)) });
  const built = build(places).compile();
  return async (db, given) => {
    const parameters = built.parameters.map((value) => (value instanceof Place ? given[value.name] : value));
    const { rows } = await db.executeQuery<Row>({ ...built, parameters });
    return rows[0];
  };
}

export function builtEachTime<Given extends GivenValues, Row>(
  build: BuildStatement<Given, Row>,
): Prebuilt<Given, Row> {
  return async (db, given) => (await db.executeQuery(build(given).compile())).rows[0];
}
