/** The runtimes that the package supports, as npm has them, and how each is made to run a file. */

export interface Runtime {
  readonly name: string;
  readonly package: string;
  /** Exact: the newest release of a package with binaries may lack some platforms. */
  readonly version: string;
  readonly binary: string;
  /** Arguments before the file. */
  readonly parameters: readonly string[];
  /** Whether it reads files of its host. workerd is configured instead. */
  readonly isProcess: boolean;
}

const node = { package: "node", binary: "node", parameters: [], isProcess: true };

export const runtimes: readonly Runtime[] = [
  { ...node, name: "node22", version: "22.23.3" },
  { ...node, name: "node26", version: "26.10.0" },
  { name: "bun", package: "bun", version: "1.4.5", binary: "bun", parameters: ["run"], isProcess: true },
  {
    name: "deno",
    package: "deno",
    version: "2.9.6",
    binary: "deno",
    parameters: ["run", "--no-config", "--allow-read", "--allow-env"],
    isProcess: true,
  },
  {
    name: "workerd",
    package: "workerd",
    version: "1.20261117.1",
    binary: "workerd",
    parameters: ["test"],
    isProcess: false,
  },
];
