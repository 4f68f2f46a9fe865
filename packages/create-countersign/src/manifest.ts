// The package.json of a new project.
import type { Choices } from "./choices.ts";

type Versions = Readonly<Record<string, string>>;

/** What the generated sources were tried with. */
const frameworkVersions: Readonly<Record<Choices["framework"], Versions>> = {
  fastify: { fastify: "^5.12.8" },
  express: { express: "^5.3.0" },
  nest: {
    "@nestjs/common": "^12.5.1",
    "@nestjs/core": "^12.5.1",
    "@nestjs/platform-express": "^12.5.1",
    "reflect-metadata": "^0.2.2",
    rxjs: "^7.8.2",
  },
};

const typeVersions: Readonly<Record<Choices["framework"], Versions>> = {
  fastify: {},
  express: { "@types/express": "^5.0.6" },
  nest: {},
};

export interface Manifest {
  readonly name: string;
  readonly private: true;
  readonly type: "module";
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly engines: Versions;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

/** `version` is that of our packages, all of which have the same. */
export function createManifest(name: string, choices: Choices, version: string): Manifest {
  const { framework } = choices;
  return {
    name,
    private: true,
    type: "module",
    scripts: createScripts(choices, name),
    dependencies: {
      "@countersign/server": `^${version}`,
      "@countersign/verifier": `^${version}`,
      ...frameworkVersions[framework],
    },
    devDependencies: { "@types/node": "^24.10.1", ...typeVersions[framework], typescript: "^7.0.2" },
    // From here on Node runs TypeScript as it is.
    engines: { node: ">=22.18" },
    allowScripts: { "better-sqlite3": true },
  };
}

function createScripts({ framework, shape }: Choices, name: string): Record<string, string> {
  const node = "node --env-file-if-exists=.env";
  const auth = `${node} node_modules/@countersign/server/bin/countersign.js serve --audience ${name}`;
  // Decorators are no JavaScript yet, so a project with them is built before it runs.
  const isBuilt = framework === "nest";
  return {
    ...(shape === "auth-server" && { auth }),
    start: isBuilt ? `tsc && ${node} dist/src/main.js` : `${node} src/main.ts`,
    test: isBuilt ? `tsc && ${node} --test "dist/test/*.test.js"` : `${node} --test "test/*.test.ts"`,
    check: isBuilt ? "tsc --noEmit" : "tsc",
  };
}
