// The command line used wrongly, and files that are not what they should be: an exit code, a code with a reason and a next step, and
// never a stack trace. Runs the built program (dist/), as `npm test` builds it first.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { beforeAll, describe, expect, it } from "vitest";
import { board, type Ended, MAIN, noPty, Program, esme as run } from "../proof/crash-bench.js";
import { EFFORT, rowsFor } from "../proof/proof.js";

const folder = mkdtempSync(join(tmpdir(), "esme-cli-"));
const nowhere = join(folder, "nowhere");
let dirs = 0;
const freshDir = () => join(folder, `house-${++dirs}`);

/** Runs it, and holds what always holds. */
async function esme(...words: string[]): Promise<Ended> {
  const ended = await run(...words);
  expect(ended.stdout + ended.stderr, `esme ${words.join(" ")}`).not.toMatch(/^ {4}at /m);
  expect(ended.code, `esme ${words.join(" ")}: ${ended.stderr}`).not.toBe(70);
  return ended;
}

/** Refused with this exit code, in words and in JSON. */
async function refused(words: readonly string[], exit: 1 | 2, code: string, reason: RegExp): Promise<void> {
  const plain = await esme(...words);
  expect(plain.code, plain.stderr).toBe(exit);
  expect(plain.stderr).toMatch(/^esme: /);
  expect(plain.stderr).toMatch(reason);
  expect(plain.stderr).toContain(` [${code}]\n`);
  expect(plain.stderr.trim().split("\n").at(-1), "the last line is the next step").toMatch(/^ {2}\S/);
  // That --json tells the same is held for each row in CI.
  if (EFFORT === "quick") return;
  const json = await esme(...words, "--json");
  expect(json.code).toBe(exit);
  const told = JSON.parse(json.stderr) as Record<string, unknown>;
  expect(Object.keys(told)).toEqual(["code", "reason", "next"]);
  expect(told.code).toBe(code);
  expect(told.reason).toMatch(reason);
  expect(told.next).toMatch(/\S/);
}

const line = (minute: number, import_wh: unknown, more = "") =>
  `{"at": "2026-06-01T12:${String(minute).padStart(2, "0")}:00Z", "import_wh": ${import_wh}, "export_wh": 0${more}}\n`;
const GOOD = [0, 1, 2, 3].map((minute) => line(minute, 10 * minute)).join("");

function fileWith(text: string): string {
  const path = join(folder, `file-${++dirs}.jsonl`);
  writeFileSync(path, text);
  return path;
}

interface Told {
  readonly readings: number;
  readonly bad_lines: number;
  readonly import_wh: number;
  readonly ignored: Readonly<Record<string, number>>;
}

async function replayed(text: string, data = freshDir()): Promise<{ told: Told; stderr: string; codes: string[] }> {
  const { code, stdout, stderr } = await esme("replay", fileWith(text), "--data", data, "--json");
  expect(code, stderr).toBe(0);
  const events = await esme("read", "events", "--data", data, "--json");
  const codes = (JSON.parse(events.stdout) as { code: string }[]).map((event) => event.code);
  return { told: JSON.parse(stdout) as Told, stderr, codes };
}

describe.concurrent("used wrongly it ends with 2 and says what was meant:", () => {
  const WRONG: readonly [string, RegExp][] = [
    ["rnu", /unknown command 'rnu' ?\n?\(Did you mean run\?\)/],
    ["sim bord", /Did you mean board\?/],
    ["read regsters", /Did you mean registers\?/],
    ["run --prot /dev/ttyUSB0", /unknown option '--prot' ?\n?\(Did you mean --port\?\)/],
    ["read profile --form 2026-06-01", /Did you mean --from\?/],
    ["read registers extra", /too many arguments/],
    ["export everything", /too many arguments/],
    ["replay", /missing required argument 'file'/],
    ["read forwarded", /required option '--data <dir>'/],
    ["export --format xml", /Allowed choices are csv, json/],
    ["sim board --fidelity slow", /Allowed choices are executed, fast/],
    ["run --for 5", /"5" is not a duration/],
    ["read profile --from yesterday", /"yesterday" is not a time/],
    ["read profile --to 2026-06-31T99:00:00Z", /is not a time/],
    ["read profile --from 2026-06-02 --to 2026-06-01", /--from 2026-06-02T00:00:00Z is later than --to/],
    ["sim board --speed 0", /is not a positive number/],
    ["sim board --ppm 9999", /out of range/],
    ["sim board --noise 3", /is no share/],
    ["sim board --noise=", /"" is not a number/],
    ["sim board --scenario moon", /no scenario "moon"/],
    ["sim board --board ade7953 --fidelity fast", /no fast ade7953 board/],
    ["sim board --seed -5", /"-5" is not a seed/],
    ["sim board --seed 1.5", /not a whole number/],
    ["hub --listen 70000", /"70000" is not a TCP port/],
    ["hub --listen http", /not a whole number/],
    ["run --port /dev/null --hub nowhere", /"nowhere" is not a hub/],
    ["run --port /dev/null --hub 127.0.0.1:99999", /is not a hub/],
    ["run --port /dev/null --hub 127.0.0.1:4059", /--hub needs --install-code/],
    ["run --port /dev/null --install-code abc", /--install-code belongs to --hub/],
  ];
  it.each(rowsFor(WRONG))("esme %s", async (words, reason) => refused(words.split(" "), 2, "usage", reason));

  it("esme read, without a subcommand", async () => {
    const { code, stderr } = await esme("read");
    expect(code).toBe(2);
    expect(stderr).toContain("registers");
    expect(JSON.parse((await esme("read", "--json")).stderr)).toMatchObject({
      code: "usage",
      reason: "--json stands behind a subcommand",
    });
  });

  it("asked for help or its version it ends with 0", async () => {
    expect((await esme()).code).toBe(0);
    expect((await esme("--help")).code).toBe(0);
    expect(await esme("--version")).toMatchObject({ code: 0, stderr: "" });
    expect((await esme("run", "--help")).stdout).toContain("--port");
  });
});

describe.concurrent("where the world refuses it ends with 1:", () => {
  const ASKED = [
    "registers",
    "profile",
    "events",
    "tou",
    "tariff",
    "daily",
    "voltage",
    "clock",
    "netting",
    "forwarded",
  ];
  it.each(rowsFor(ASKED))("a house that is not there, asked for its %s", async (what) => {
    await refused(["read", what, "--data", nowhere], 1, "store-missing", /there is no store at/);
    expect(existsSync(nowhere), "reading makes nothing").toBe(false);
  });

  it("a source, a file, a folder that is not there", async () => {
    const house = freshDir();
    await replayed(GOOD, house);
    await refused(
      ["read", "registers", "--data", house, "--source", "roof"],
      1,
      "no-such-source",
      /no source called roof/,
    );
    await refused(["read", "tou", "--data", house, "--source", "roof"], 1, "no-such-source", /no source called roof/);
    await refused(["replay", join(nowhere, "day.jsonl"), "--data", freshDir()], 1, "enoent", /no such file/);
    await refused(["replay", folder, "--data", freshDir()], 1, "eisdir", /directory/);
    await refused(["run", "--data", freshDir()], 1, "config-missing", /there is no configuration/);
    await refused(
      ["calibrate", "show", "--port", nowhere, "--data", freshDir()],
      1,
      "port-missing",
      /there is no port/,
    );
    if (process.platform === "linux")
      await refused(
        ["run", "--port", nowhere, "--data", "/proc/house"],
        1,
        "enoent",
        /^(esme: )?\/proc\/house: no such/,
      );
    const sim = ["sim", "board", "--waveform", fileWith("")];
    await refused(sim, 1, "sim-board", /is empty/);
    if (process.platform !== "win32") {
      const piped = `cat ${fileWith(GOOD)} | '${process.execPath}' ${MAIN} replay /dev/stdin --data ${freshDir()}`;
      expect(spawnSync("sh", ["-c", piped], { encoding: "utf8" })).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/\[espipe\]\n {2}name a file/),
      });
    }
    // What may never end is not begun: an owner that read it would meter no more.
    for (const endless of process.platform === "win32" ? [folder] : [folder, "/dev/zero"])
      await refused(["restore", endless, "--data", house], 1, "snapshot-unreadable", /is no regular file/);
  });

  it("a configuration with a mistake, told with line and column", async () => {
    const data = freshDir();
    mkdirSync(data);
    writeFileSync(
      join(data, "esme.yaml"),
      "version: 1\nsources:\n  - {name: grid, role: grid, kind: clamp-board, prot: x}\n",
    );
    await refused(["run", "--data", data], 1, "config-invalid", /esme\.yaml:3:\d+: /);
    writeFileSync(join(data, "esme.yaml"), "version: 1\nsources: [\n");
    await refused(["run", "--data", data], 1, "config-invalid", /esme\.yaml:\d+:\d+: /);
  });

  it("a store that is none, is damaged, or is of a newer version; the last is not touched", async () => {
    const data = freshDir();
    await replayed(GOOD, data);
    const store = join(data, "meter.sqlite");
    const newer = freshDir();
    mkdirSync(newer);
    copyFileSync(store, join(newer, "meter.sqlite"));
    const db = new Libsql(join(newer, "meter.sqlite"));
    db.exec("PRAGMA user_version = 99");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
    const before = readFileSync(join(newer, "meter.sqlite"));
    const file = fileWith(GOOD);
    await refused(["replay", file, "--data", newer], 1, "store-newer", /is of schema 99; this program knows \d+/);
    await refused(["read", "registers", "--data", newer], 1, "store-newer", /schema 99/);
    await refused(["run", "--port", "/dev/null", "--data", newer], 1, "store-newer", /schema 99/);
    expect(readFileSync(join(newer, "meter.sqlite")).equals(before)).toBe(true);
    const none = freshDir();
    mkdirSync(none);
    writeFileSync(join(none, "meter.sqlite"), "this is a letter to my grandmother, not a database\n".repeat(100));
    await refused(["read", "registers", "--data", none], 1, "not-a-store", /is not a store/);
    await refused(["replay", file, "--data", none], 1, "not-a-store", /is not a store/);
  });

  it("a data directory that is a file", async () => {
    await refused(["replay", fileWith(GOOD), "--data", fileWith("x")], 1, "lock-unwritable", /cannot be locked/);
  });
});

describe.concurrent("replaying a file", () => {
  const NONE: readonly [string, string, string, RegExp][] = [
    ["that is empty", "", "replay-empty", /holds no reading/],
    ["of empty lines", "\n\n\n", "replay-empty", /holds no reading/],
    ["that is no JSON", "a letter to my grandmother\n", "replay-format", /:1: not a JSON object/],
    [
      "with the header of another program",
      `at,import_wh,export_wh\n2026-06-01T12:00:00Z,1,0\n`,
      "replay-format",
      /:1: /,
    ],
    ["whose first value is NaN", line(0, "NaN"), "replay-format", /:1: not a JSON object/],
    ["whose first value is negative", line(0, -1), "replay-format", /:1: import_wh and export_wh are cumulative Wh/],
    [
      "whose first time is none",
      `{"at": "noon", "import_wh": 1, "export_wh": 0}\n`,
      "replay-format",
      /:1: at is not an RFC 3339 time/,
    ],
    ["of one endless line", `{"at": "${"9".repeat(200_000)}`, "replay-format", /:1: a line of over 64 KiB/],
    [
      "of bytes",
      String.fromCharCode(...Array.from({ length: 256 }, (_, n) => n)),
      "replay-format",
      /:1: not a JSON object/,
    ],
  ];
  it.each(rowsFor(NONE))("%s is refused, and nothing of it is booked", async (_, text, code, reason) => {
    const data = freshDir();
    await refused(["replay", fileWith(text), "--data", data], 1, code, reason);
    expect((await esme("read", "registers", "--data", data)).code).toBe(1);
  });

  const BAD: readonly [string, string, number][] = [
    ["NaN", line(4, "NaN"), 1],
    ["Infinity", line(4, "1e999") + line(5, '"12"'), 2],
    ["a negative value", line(4, -3), 1],
    ["an impossible total", line(4, 9e12), 1],
    ["half a line, its end cut off", '{"at": "2026-06-01T12:04:00Z", "imp', 1],
    ["a time that is none", `{"at": "2026-13-01T12:00:00Z", "import_wh": 1, "export_wh": 0}\n`, 1],
    ["one reactive value alone", line(4, 40, ', "import_varh": 1'), 1],
    ["garbage", "\u0000\u0001\u0002}{\n[]\nnull\n7\n", 4],
  ];
  it.each(rowsFor(BAD))("a bad line in it is named and counted, the rest is booked: %s", async (_, text, bad) => {
    const { told, stderr } = await replayed(GOOD + text);
    expect(told).toMatchObject({ readings: 4, bad_lines: bad, import_wh: 30 });
    expect(stderr.match(/: ignored and counted\n/g)).toHaveLength(bad);
    expect(stderr).toMatch(/:5: /);
  });

  it("time that goes backwards, or stands still, is counted and changes nothing", async () => {
    const { told } = await replayed(GOOD + line(1, 11) + line(3, 30) + line(4, 40));
    expect(told).toMatchObject({ import_wh: 40, ignored: { earlier: 1, repeated: 1 } });
  });

  it("one moment with two values is told", async () => {
    const { told, codes } = await replayed(GOOD + line(3, 31) + line(4, 40));
    expect(told).toMatchObject({ import_wh: 40, ignored: { doubted: 1 } });
    expect(codes).toEqual(["baseline", "conflict"]);
  });

  it("an absurd step is held; the next reading shows it to be a glitch or makes it a jump", async () => {
    const glitch = await replayed(GOOD + line(4, 5_000_000) + line(5, 50));
    expect(glitch.told).toMatchObject({ import_wh: 50, ignored: { doubted: 1 } });
    expect(glitch.codes).toEqual(["baseline", "glitch"]);
    const jump = await replayed(GOOD + line(4, 5_000_000) + line(5, 5_000_010));
    expect(jump.told.import_wh).toBe(40);
    expect(jump.codes).toEqual(["baseline", "jump"]);
  });

  it("a line of 200 kB within it is counted and told by its number, and what comes before and after is booked", async () => {
    const data = freshDir();
    const long = line(4, 40, `, "note": "${"x".repeat(200_000)}"`);
    const { code, stdout, stderr } = await esme(
      "replay",
      fileWith(GOOD + long + line(5, 50)),
      "--data",
      data,
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ import_wh: 50, bad_lines: 1 });
    expect(stderr).toMatch(/:\d: a line of over 64 KiB: ignored and counted/);
  });

  it("twice, or a longer copy of it, books nothing twice", async () => {
    const data = freshDir();
    await replayed(GOOD, data);
    const again = await replayed(GOOD + line(4, 40), data);
    expect(again.told.import_wh).toBe(40);
    expect(again.told.ignored).toMatchObject({ earlier: 3, repeated: 1 });
    const third = await replayed(GOOD + line(4, 40), data);
    expect(third.told).toMatchObject({ readings: 0, replayed_before: true, import_wh: 40, ignored: { earlier: 3 } });
  });
});

describe("what was booked", () => {
  const data = freshDir();
  beforeAll(async () => {
    const readings = Array.from({ length: 180 }, (_, n) => {
      const at = new Date(Date.UTC(2026, 5, 1, 12, n)).toISOString();
      return `${JSON.stringify({ at, import_wh: 10 * n, export_wh: 3 * n })}\n`;
    });
    await replayed(readings.join(""), data);
  });

  it("is exported as CSV and as JSON, the same half hours, and only those of a range", async () => {
    const csv = (await esme("export", "--data", data)).stdout.trim().split("\n");
    expect(csv[0]).toBe("half_hour_end_utc,import_wh,export_wh,import_varh,export_varh,flags");
    expect(csv[1]).toBe("2026-06-01T12:30:00Z,300,90,,,");
    const json = JSON.parse((await esme("export", "--data", data, "--format", "json")).stdout) as { end: string }[];
    expect(json.map(({ end }) => end)).toEqual(csv.slice(1).map((row) => row.split(",")[0]));
    const range = ["--from", "2026-06-01T12:30:00Z", "--to", "2026-06-01T13:30:00Z"];
    const some = JSON.parse((await esme("export", "--data", data, "--format", "json", ...range)).stdout) as {
      end: string;
    }[];
    expect(some.map(({ end }) => end)).toEqual(["2026-06-01T13:00:00Z", "2026-06-01T13:30:00Z"]);
    const none = await esme("export", "--data", data, "--from", "2030-01-01");
    expect(none).toMatchObject({ code: 0, stdout: `${csv[0]}\n` });
  });

  it("adds up: the register is the profile, the open half hour, unallocated and dropped", async () => {
    const registers = JSON.parse((await esme("read", "registers", "--data", data, "--json")).stdout);
    const profile = JSON.parse((await esme("read", "profile", "--data", data, "--json")).stdout) as {
      import_wh: number;
    }[];
    const sum = profile.reduce((wh, { import_wh }) => wh + import_wh, 0);
    const { open, unallocated, dropped } = registers;
    expect(sum + open.import_wh + unallocated.import_wh + dropped.import_wh).toBe(registers.import_wh);
    expect(registers).toMatchObject({ schema: "esme/registers/1", source: "grid", import_wh: 1_790, export_wh: 537 });
  });
});

// A file may be as large as the shell allows: as good as a full disk, and it needs no root.
const noLimit = !existsSync("/bin/bash") && "there is no bash to limit a file's size";
if (noLimit) console.log(`skipped, a full disk: ${noLimit}`);

describe.skipIf(noLimit).concurrent("on a full disk", () => {
  const days = Array.from({ length: 2_000 }, (_, n) => {
    const at = new Date(Date.UTC(2026, 0, 1) + n * 1_800_000).toISOString();
    return `${JSON.stringify({ at, import_wh: 10 * n, export_wh: n })}\n`;
  }).join("");

  it.each<[number, RegExp]>([
    [3, /cannot be locked.*\[lock-unwritable\]/],
    [9, /cannot be opened.*\[store-unopened\]/],
    [100, /\[store-unwritable\]/],
  ])("a replay with room for %i kB says so, and once there is room it books all of it", async (kilobytes, said) => {
    const data = freshDir();
    const file = fileWith(days);
    const words = [MAIN, "replay", file, "--data", data];
    const full = spawnSync("/bin/bash", ["-c", `ulimit -f ${kilobytes}; exec "$0" "$@"`, process.execPath, ...words], {
      encoding: "utf8",
    });
    expect(full.status).toBe(1);
    expect(full.stderr).toMatch(said);
    expect(full.stderr).not.toMatch(/^ {4}at /m);
    const { code, stdout } = await esme("replay", file, "--data", data, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ readings: 2_000, bad_lines: 0, import_wh: 19_990 });
    const profile = JSON.parse((await esme("read", "profile", "--data", data, "--json")).stdout) as unknown[];
    expect(profile).toHaveLength(1_999);
  });
});

const why = noPty();
if (why !== null) console.log(`skipped, two owners of a house: ${why}`);

describe.skipIf(why !== null)("a house that has an owner", () => {
  it("and whose owner is stopped before anything was booked keeps a new meter", async () => {
    const metered = await board({ fidelity: "fast", scenario: "steady" });
    const data = freshDir();
    try {
      expect((await esme("run", "--port", metered.port, "--data", data, "--for", "10ms")).code).toBe(0);
      const { code, stdout } = await esme("read", "registers", "--data", data, "--json");
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ import_wh: 0, export_wh: 0 });
    } finally {
      await metered.unplug();
    }
  });

  it("is refused to a second one, by the first one's process id, and can be read meanwhile", async () => {
    const metered = await board({ fidelity: "fast", scenario: "steady" });
    const data = freshDir();
    const owner = new Program(["run", "--port", metered.port, "--data", data]);
    try {
      await owner.says(/grid: baseline/);
      const reason = new RegExp(`belongs to the running process ${owner.pid}\\b`);
      await refused(["run", "--port", metered.port, "--data", data], 1, "owned", reason);
      await refused(["replay", fileWith(GOOD), "--data", data], 1, "owned", reason);
      expect((await esme("read", "registers", "--data", data)).code).toBe(0);
      expect(await owner.stop()).toMatchObject({ code: 0, stderr: "" });
      // Once it has ended, the house is free.
      const next = new Program(["run", "--port", metered.port, "--data", data]);
      await next.says(/metering/);
      expect((await next.stop()).code).toBe(0);
    } finally {
      if (owner.running) await owner.kill();
      await metered.unplug();
    }
  });
});
