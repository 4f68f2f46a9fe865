// A place of their own for our tables: a schema on PostgreSQL, a prefix of their names on SQLite.

import {
  type CreateIndexNode,
  IdentifierNode,
  type Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  type QueryId,
  type SchemableIdentifierNode,
} from "kysely";
import type { Dialect } from "./migration.ts";
import type { Tables } from "./tables.ts";

/** Every table of ours. Written down, as types are gone when the names are needed. */
const ours: Readonly<Record<keyof Tables | "migrations", true>> = {
  users: true,
  sessions: true,
  revocations: true,
  audit: true,
  journal: true,
  unnumbered: true,
  instance: true,
  signing_keys: true,
  throttles: true,
  password_schemes: true,
  outbox: true,
  mail_requests: true,
  one_time_codes: true,
  setup_tokens: true,
  totp: true,
  recovery_codes: true,
  factor_attempts: true,
  spent_challenges: true,
  passkeys: true,
  address_changes: true,
  invitations: true,
  instance_reports: true,
  migrations: true,
};

/** The same handle, whose statements find our tables in `schema`; without one, where they always were. */
export function placed<T>(db: Kysely<T>, dialect: Dialect, schema: string | undefined): Kysely<T> {
  return schema === undefined ? db : db.withPlugin(placing(dialect, schema));
}

/** What a table of ours is called on SQLite, where a schema is a prefix. */
export function prefixed(name: string, schema: string | undefined): string {
  return schema === undefined ? name : `${schema}_${name}`;
}

function placing(dialect: Dialect, schema: string): KyselyPlugin {
  const transformer = dialect === "sqlite" ? new Prefixing(schema) : new Qualifying(schema);
  return {
    transformQuery: ({ node, queryId }) => transformer.transformNode(node, queryId),
    transformResult: async ({ result }) => result,
  };
}

function isOurs({ schema, identifier }: SchemableIdentifierNode): boolean {
  return schema === undefined && Object.hasOwn(ours, identifier.name);
}

class Qualifying extends OperationNodeTransformer {
  readonly #schema: string;

  constructor(schema: string) {
    super();
    this.#schema = schema;
  }

  protected override transformSchemableIdentifier(
    node: SchemableIdentifierNode,
    queryId?: QueryId,
  ): SchemableIdentifierNode {
    const transformed = super.transformSchemableIdentifier(node, queryId);
    return isOurs(node) ? { ...transformed, schema: IdentifierNode.create(this.#schema) } : transformed;
  }
}

class Prefixing extends OperationNodeTransformer {
  readonly #schema: string;

  constructor(schema: string) {
    super();
    this.#schema = schema;
  }

  protected override transformSchemableIdentifier(
    node: SchemableIdentifierNode,
    queryId?: QueryId,
  ): SchemableIdentifierNode {
    const transformed = super.transformSchemableIdentifier(node, queryId);
    if (!isOurs(node)) return transformed;
    return { ...transformed, identifier: this.#prefixed(node.identifier) };
  }

  /** On SQLite indexes share one space of names with all tables. */
  protected override transformCreateIndex(node: CreateIndexNode, queryId?: QueryId): CreateIndexNode {
    const transformed = super.transformCreateIndex(node, queryId);
    return { ...transformed, name: this.#prefixed(node.name) };
  }

  #prefixed({ name }: IdentifierNode): IdentifierNode {
    return IdentifierNode.create(prefixed(name, this.#schema));
  }
}
