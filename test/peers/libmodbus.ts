// libmodbus as an independent server: compiled here from libmodbus-server.c, on a pseudo-terminal or a TCP port.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openPty, type PtyLine } from "../../host/sim/pty.js";

const SOURCE = fileURLToPath(new URL("./libmodbus-server.c", import.meta.url));
export const BAUD = 9600;

/** One word that is served. */
export interface Served {
  readonly function: 3 | 4;
  readonly address: number;
  readonly value: number;
}

/** A folder with the server in it, or why there is none. */
export function compileServer(): { readonly folder: string; readonly program: string } | { readonly missing: string } {
  const folder = mkdtempSync(join(tmpdir(), "esme-libmodbus-"));
  const program = join(folder, "libmodbus-server");
  const flags = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-I/usr/include/modbus"];
  const done = spawnSync("gcc", [...flags, "-o", program, SOURCE, "-lmodbus"], { encoding: "utf8" });
  if (done.status === 0) return { folder, program };
  rmSync(folder, { recursive: true });
  if (done.error !== undefined) return { missing: "gcc is not installed" };
  if (/modbus\.h|-lmodbus/.test(done.stderr)) return { missing: "libmodbus-dev is not installed" };
  throw new Error(done.stderr);
}

export interface Serving {
  /** A path for RTU, a port of 127.0.0.1 for TCP. */
  readonly at: string;
  stop(): Promise<void>;
}

/** On a pseudo-terminal; the host's is another, and what one says is passed on to the other. */
export async function serveRtu(program: string, unit: number, words: readonly Served[]): Promise<Serving> {
  const [theirs, ours] = [pty(), pty()];
  theirs.hear((bytes) => ours.write(bytes));
  ours.hear((bytes) => theirs.write(bytes));
  const server = await started(program, ["rtu", theirs.path, String(BAUD), String(unit)], words);
  return {
    at: ours.path,
    stop: async () => {
      await server.stop();
      theirs.close();
      ours.close();
    },
  };
}

export async function serveTcp(program: string, words: readonly Served[]): Promise<Serving> {
  return started(program, ["tcp"], words);
}

async function started(program: string, how: readonly string[], words: readonly Served[]): Promise<Serving> {
  const file = `${program}.${how[0]}.txt`;
  writeFileSync(file, words.map((word) => `${word.function} ${word.address} ${word.value}\n`).join(""));
  const child: ChildProcess = spawn(program, [...how, file], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const at = await new Promise<string>((resolve, reject) => {
    let errors = "";
    child.stderr?.on("data", (text) => {
      errors += text;
    });
    child.stdout?.once("data", (said) => resolve(String(said).trim()));
    child.once("close", () => reject(new Error(`the libmodbus server ended: ${errors}`)));
  });
  return {
    at,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function pty(): PtyLine {
  const line = openPty();
  if ("kind" in line) throw new Error(line.reason);
  return line;
}
