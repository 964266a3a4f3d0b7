// The rules of the house, held by a machine: who may import whom, what stays pure, how long files and lines may be, the lockfile.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "");
const existing = files.filter((file) => {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
});
const read = (file: string) => readFileSync(file, "utf8");
const host = existing.filter((file) => file.startsWith("host/") && file.endsWith(".ts"));

/** Who may import whom within host/: a folder, or one file of a folder. Only app sees all. */
const ALLOWED: { readonly [folder: string]: readonly string[] } = {
  ledger: [],
  wire: [],
  models: ["wire", "ledger/units"],
  gbcs: ["ledger", "wire"],
  ports: ["ledger"],
  document: ["ledger"],
  meter: ["ledger", "gbcs", "ports"],
  adapters: ["ports", "wire", "models", "ledger", "gbcs/frame", "gbcs/octets", "gbcs/keyring", "gbcs/security"],
  sim: ["ports", "wire", "models"],
  hub: ["wire", "gbcs", "ports", "adapters/store"],
  lab: ["ledger", "ports", "meter", "adapters", "sim", "app"],
  app: ["*"],
};
/** Packages that do input and output, and the only folders that may import them. */
const IO_PACKAGES: { readonly [name: string]: readonly string[] } = {
  serialport: ["adapters", "app"],
  "@serialport/parser-readline": ["adapters"],
  "johnny-five": ["adapters"],
  "firmata-io": ["adapters"],
  libsql: ["adapters"],
  "@peculiar/x509": ["adapters"],
  "reflect-metadata": ["adapters"],
  commander: ["app"],
  avr8js: ["sim"],
  "@lydell/node-pty": ["sim"],
};
const PURE = ["ledger", "wire", "models", "document"];
const LONGEST_FILE = 400;
const LONGEST_LINE = 140;

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly to: string;
}

const imports: Import[] = host.flatMap((file) =>
  [...read(file).matchAll(/(?:^|\n)(?:import|export)\s(?:[^;"]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/g)].map(
    (match) => ({
      file,
      folder: file.split("/")[1] ?? "",
      to: match[1] ?? match[2] ?? "",
    }),
  ),
);

describe("imports", () => {
  test("within host/ follow the table", () => {
    const broken = imports.filter(({ file, folder, to }) => {
      if (!to.startsWith(".")) return false;
      const target = normalize(join(dirname(file), to))
        .replace(/^host\//, "")
        .replace(/\.js$/, "");
      const allowed = ALLOWED[folder] ?? [];
      return !(
        target.startsWith(`${folder}/`) || allowed.some((a) => a === "*" || target === a || target.startsWith(`${a}/`))
      );
    });
    expect(broken).toEqual([]);
  });

  test("of packages that do input and output stay in their folders; ledger, wire, models and document import nothing outside", () => {
    const broken = imports.filter(({ file, folder, to }) => {
      if (to.startsWith(".")) return false;
      // The state's declaration: one source of types, checks and the schema. A library without input or output (decisions/0004).
      if (to === "zod" && /^host\/(ledger\/state|document)\//.test(file)) return false;
      if (PURE.includes(folder)) return true;
      const allowed = IO_PACKAGES[to];
      return allowed !== undefined && !allowed.includes(folder);
    });
    expect(broken).toEqual([]);
  });

  test("every folder of host/ stands in the table", () => {
    expect(host.map((file) => file.split("/")[1] ?? "").filter((folder) => !(folder in ALLOWED))).toEqual([]);
  });
});

test("the ledger and the wire know no clock, no promise, no randomness, no process", () => {
  const forbidden =
    /\b(Date\.now|new Date\(\)|performance\.|Math\.random|setTimeout|setInterval|Promise|async |process\.)/;
  const broken = host
    .filter((file) => PURE.includes(file.split("/")[1] ?? ""))
    .flatMap((file) =>
      read(file)
        .split("\n")
        .filter((line) => forbidden.test(line.replace(/\/\/.*/, "")))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(broken).toEqual([]);
});

describe("files", () => {
  const sources = existing.filter((file) => /\.(ts|mjs|c|h)$/.test(file));

  test(`are at most ${LONGEST_FILE} lines long, and their lines ${LONGEST_LINE}`, () => {
    const long = sources.flatMap((file) => {
      const lines = read(file).split("\n");
      const wide = lines.findIndex((line) => line.length > LONGEST_LINE);
      const longest = file.startsWith("test/") ? 2 * LONGEST_FILE : LONGEST_FILE;
      return [
        ...(lines.length > longest ? [`${file}: ${lines.length} lines`] : []),
        ...(wide >= 0 ? [`${file}:${wide + 1} is ${lines[wide]?.length} wide`] : []),
      ];
    });
    expect(long).toEqual([]);
  });

  test("say at their top what they are for", () => {
    expect(sources.filter((file) => !/^(#!.*\n)?(\/\/|\/\*)/.test(read(file)))).toEqual([]);
  });

  test("leave nothing half done: no skipped or only test, no to-do, no silenced compiler", () => {
    const marks = [".on" + "ly(", "TO" + "DO", "FIX" + "ME", "@ts-" + "ignore", "@ts-" + "expect-error"];
    const broken = sources.flatMap((file) =>
      marks.filter((mark) => read(file).includes(mark)).map((mark) => `${file}: ${mark}`),
    );
    expect(broken).toEqual([]);
  });

  test("name no path of the machine they were written on", () => {
    const text = existing.filter((file) => /\.(ts|mjs|c|h|md|json|yaml|txt|sh)$/.test(file) || file.startsWith(".ci/"));
    expect(text.filter((file) => /\/(work|root|home\/[a-z]+)\/[a-z]/.test(read(file)))).toEqual([]);
  });
});

describe("the lockfile", () => {
  interface Locked {
    readonly version?: string;
    readonly integrity?: string;
    readonly optional?: boolean;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
    readonly hasInstallScript?: boolean;
  }
  const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(read("package-lock.json"));
  const locked = Object.entries(lock.packages).filter(([name]) => name !== "");

  test("gives a version and an integrity to every package, optional ones too", () => {
    expect(locked.filter(([, one]) => !one.version || !one.integrity).map(([name]) => name)).toEqual([]);
    const wanted = Object.values(lock.packages).flatMap((one) => Object.keys(one.optionalDependencies ?? {}));
    const missing = wanted.filter((name) => !locked.some(([path]) => path.endsWith(`node_modules/${name}`)));
    expect(missing).toEqual([]);
  });

  test("needs no install script: those that have one work from what they ship", () => {
    /** Their scripts only choose or fetch what npm has already placed (prebuilt binaries), or serve development. */
    const harmless = ["@serialport/bindings-cpp", "fsevents", "esbuild"];
    const scripts = locked
      .filter(([, one]) => one.hasInstallScript === true)
      .map(([name]) => name.replace(/.*node_modules\//, ""));
    expect(scripts.filter((name) => !harmless.includes(name))).toEqual([]);
  });
});
