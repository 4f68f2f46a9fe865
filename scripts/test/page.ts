// Runs the blocks of a page from top to bottom, as a reader would: files are written, commands are pasted into one shell.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export interface Block {
  readonly language: string;
  readonly text: string;
}

export interface Step {
  readonly command: string;
  /** What the page says that it prints; `…` stands for anything. */
  readonly promised: string | undefined;
  readonly printed: string;
}

export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? "",
    text: match[2] ?? "",
  }));
}

/** Programs that go on running: what follows is "another terminal". */
const isServer = (command: string): boolean =>
  /^(?:npm start|node \w+\.ts|npx countersign serve .*)$/.test(command);

/**
 * Runs the blocks in an empty folder (`in: "folder"`) or in the clone itself, with ports that are free.
 *
 * @throws TypeError with all that was written if a command fails
 */
export async function runPage(blocks: readonly Block[], place: "folder" | "clone"): Promise<readonly Step[]> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-page-"));
  // What `npm install` would do: the packages of this repository and their frameworks.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const ports = await freePorts(["3000", "3001", "3002"]);
  const withPorts = (text: string): string =>
    text.replaceAll(/\b300[012]\b/g, (port) => ports.get(port) ?? port);
  try {
    const commands = blocks.filter(({ language }) => language === "sh");
    const script = [prelude, ...blocks.map((block) => withPorts(scriptOf(block)))].join("\n");
    const output = await runShell(script, place === "folder" ? folder : root, {
      PORT: ports.get("3000") ?? "",
      COUNTERSIGN_DATA_DIR: join(folder, "data"),
      LOGS: folder,
    });
    const printed = output.split("\u001E\n").slice(1);
    return commands.map((block, index) => {
      const next = blocks[blocks.indexOf(block) + 1];
      return {
        command: block.text,
        promised: next?.language === "text" ? withPorts(next.text) : undefined,
        printed: printed[index] ?? "",
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const prelude = `
set -e
npm() { if [ "$1" != install ]; then command npm "$@"; fi; }
npx() { "$@"; }
started() { for _ in $(seq 200); do if (: < "/dev/tcp/127.0.0.1/$1") 2> /dev/null; then return; fi; sleep 0.1; done; false; }
`;

function scriptOf({ language, text }: Block): string {
  const [first = ""] = text.split("\n", 1);
  const file = /^\/\/ ([\w/.-]+)$/.exec(first)?.[1];
  if (file !== undefined) return `cat > ${file} << 'END OF FILE'\n${text}END OF FILE`;
  if (language !== "sh") return "";
  const lines = text.trim().split("\n");
  const command = lines.pop() ?? "";
  const begin = String.raw`printf '\x1e\n'`;
  if (!isServer(command)) return `${begin}\n${text}`;
  const before = lines.join("\n");
  const port = / --port (\d+)/.exec(command)?.[1] ?? (command.includes("orders") ? "3002" : "3000");
  return `${begin}\n${before}\n${command} > "$LOGS/${port}.log" 2>&1 &\nstarted ${port}`;
}

async function runShell(
  script: string,
  cwd: string,
  more: Readonly<Record<string, string>>,
): Promise<string> {
  const path = `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`;
  const env = { ...process.env, ...more, PATH: path, NODE_OPTIONS: "--conditions=@countersign/source" };
  // A process group of its own, with the servers in it, which end when the page has been read.
  const shell = spawn("bash", ["-c", script], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let errors = "";
  shell.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  shell.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const endAll = (): void => {
    try {
      if (shell.pid !== undefined) process.kill(-shell.pid, "SIGKILL");
    } catch {
      // All of them have ended by themselves.
    }
  };
  const tooLate = setTimeout(endAll, 50_000);
  const status = await new Promise<number | null>((done) => shell.on("close", done));
  clearTimeout(tooLate);
  endAll();
  if (status !== 0) throw new TypeError(`The shell ended with ${status}:\n${output}\n${errors}`);
  return output;
}

async function freePorts(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const servers = await Promise.all(
    names.map(
      (name) =>
        new Promise<[string, ReturnType<typeof createServer>]>((done) => {
          const server = createServer();
          server.listen(0, "127.0.0.1", () => done([name, server]));
        }),
    ),
  );
  const ports = servers.map(([name, server]) => {
    const address = server.address();
    return [name, String(typeof address === "object" ? address?.port : "")] as const;
  });
  await Promise.all(servers.map(([, server]) => new Promise((done) => server.close(done))));
  return new Map(ports);
}

/** Whether what was printed is what was promised. */
export function keepsPromise({ promised, printed }: Step): boolean {
  if (promised === undefined) return true;
  const parts = promised
    .trim()
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^]*?")}$`).test(printed.trim());
}
