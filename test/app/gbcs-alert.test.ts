// `esme gbcs alert` as a program: what a meter that is a snapshot tells of what becomes due, or of an event that is given in words, in JSON
// or in a file. Runs the built program (dist/), as `npm test` builds it first.

import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { esme as run } from "../proof/crash-bench.js";

const METER = "00db000000000001";
const SUPPLIER = "90b3d51f30010000";
const OPERATOR = "90b3d51f30020000";

const folder = mkdtempSync(join(tmpdir(), "esme-gbcs-alert-"));
let files = 0;
function json(value: unknown): string {
  const path = join(folder, `file-${++files}.json`);
  writeFileSync(path, JSON.stringify(value));
  return path;
}
function key(secret: boolean) {
  const {
    x = "",
    y = "",
    d = "",
  } = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    format: "jwk",
  });
  const hex = (text: string) => Buffer.from(text, "base64url").toString("hex");
  return { x: hex(x), y: hex(y), ...(secret ? { testScalar: hex(d) } : {}) };
}
const PARTIES = {
  [SUPPLIER]: { role: "supplier", ka: key(false), ds: key(false) },
  [OPERATOR]: { role: "networkOperator", ka: key(false) },
};
const SIGNING = key(true);
const KEYS = json({ [METER]: { ds: SIGNING, ka: key(true) }, ...PARTIES });
const TWO_METERS = json({ "00db000000000002": { ka: key(true) }, [METER]: { ka: key(true) }, ...PARTIES });
const NO_OPERATOR = json({ [METER]: { ds: SIGNING, ka: key(true) }, [SUPPLIER]: PARTIES[SUPPLIER] });

const planned = (valueCurrent: number, valueNext: number, activateNextDateTime: string) => ({
  valueCurrent,
  valueNext,
  activateNextDateTime,
});
const origin = { messageCode: 0x43, originator: SUPPLIER, counter: "1004" };
const SNAPSHOT = {
  schema: "esme/snapshot/1",
  at: "2026-06-01T12:00:00Z",
  loadLimitPowerThreshold: planned(8_000, 6_900, "2026-06-02T00:00:00Z"),
  loadLimitPeriod: planned(60, 300, "2026-06-02T00:00:00Z"),
  communicationsAccount: {
    originatorCounter: "2000",
    received: [],
    planned: ["loadLimitPeriod", "loadLimitPowerThreshold"].map((section) => ({ section, origin })),
  },
};

async function alert(event: string, ...more: readonly string[]) {
  return tell(json(SNAPSHOT), KEYS, event, ...more);
}
async function tell(snapshot: string, keys: string, event: string, ...more: readonly string[]) {
  const ended = await run("gbcs", "alert", "--snapshot", snapshot, "--keys", keys, "--event", event, ...more);
  expect(ended.stdout + ended.stderr).not.toMatch(/^ {4}at /m);
  return ended;
}
function lines(stdout: string): readonly { readonly [field: string]: unknown }[] {
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
const counterHex = (counter: number) => counter.toString(16).padStart(16, "0");

describe.concurrent("esme gbcs alert", () => {
  test("tells of each planned setting that becomes due, in the order of planning, to who planned it, and signs", async () => {
    const { stdout, code } = await alert("reading", "--at", "2026-06-03T00:00:00Z");
    expect(code).toBe(0);
    const told = stdout.trim().split("\n");
    const wanted = ["06", "07"].map((obis, at) => {
      const counter = counterHex(2_001 + at);
      return (
        `df0903${counter}08${METER}08${SUPPLIER}000200cc2e0f20${counter.slice(-6)}000203128f66` +
        `090c07ea0602ff000000008000ff09130043${counterHex(1_004)}232800005e2c80${obis}0640`
      ).toUpperCase();
    });
    expect(told.map((hex) => hex.slice(0, -128))).toEqual(wanted);
    const { x, y } = SIGNING;
    const point = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
    const signing = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x: point(x), y: point(y) } });
    for (const hex of told) {
      const bytes = new Uint8Array(Buffer.from(hex, "hex"));
      const verifying = { key: signing, dsaEncoding: "ieee-p1363" as const };
      expect(verify("sha256", bytes.subarray(1, -65), verifying, bytes.subarray(-64))).toBe(true);
    }
  });

  test("has nothing to tell before that moment", async () => {
    const { code, stderr } = await alert("reading", "--at", "2026-06-01T23:59:59Z");
    expect([code, stderr]).toEqual([1, expect.stringContaining("[gbcs-no-alert]")]);
  });

  test("says the same of an event in words, in JSON and in a file", async () => {
    const at = "2026-06-01T12:30:00Z";
    const times = ["2026-06-01T11:00:00Z", "2026-06-01T11:30:00Z"] as const;
    const event = { code: "8f36", at, times };
    const told = await Promise.all([
      alert("8F36", "--at", at, "--from", times[0], "--to", times[1]),
      alert("outageRestoredLong", "--at", at, "--from", times[0], "--to", times[1]),
      alert(JSON.stringify(event)),
      alert(json(event)),
    ]);
    const unsigned = told.map(({ stdout }) => stdout.trim().slice(0, -128));
    expect(new Set(unsigned).size).toBe(1);
    expect(unsigned[0]).toContain("128F36090C07EA0601FF0C1E00008000FF090C07EA0601FF0B0000008000FF");
  });

  test("tells an event of a planned setting whose plan the snapshot does not hold", async () => {
    const section = { section: "tariffSwitchingTable", origin: { ...origin, messageCode: 0x19 } };
    const told = await alert(JSON.stringify({ code: "8F67", planned: section }), "--json");
    const [one] = lines(told.stdout);
    expect(one).toMatchObject({ schema: "esme/gbcs-alert/1", code: "8F67", recipient: SUPPLIER });
    expect(one?.alert).toContain(
      `128F67090C07EA0601FF0C0000008000FF09130019${counterHex(1_004)}001400000D0000FF0A40`.toUpperCase(),
    );
  });

  test("tells supplier and network operator where both are to hear, and who of them the keys name", async () => {
    const both = lines((await alert("loadLimitRestored", "--json")).stdout);
    expect(both.map(({ recipient }) => recipient)).toEqual([SUPPLIER, OPERATOR]);
    const one = lines((await tell(json(SNAPSHOT), NO_OPERATOR, "8F34", "--json")).stdout);
    expect(one.map(({ recipient }) => recipient)).toEqual([SUPPLIER]);
  });

  test("says which meter it took of several, and takes the one that is named", async () => {
    const first = await tell(json(SNAPSHOT), TWO_METERS, "8002");
    expect([first.code, first.stderr]).toEqual([0, expect.stringMatching(/00db000000000002, the first of 2 meters/)]);
    const named = await tell(json(SNAPSHOT), TWO_METERS, "8002", "--identity", METER);
    expect([named.code, named.stderr]).toEqual([0, ""]);
    expect(named.stdout).toContain(`08${METER}08${OPERATOR}00021001`.toUpperCase());
  });

  test("tells nobody where the snapshot's network operator turned it off, where nobody is known, where there is no entry", async () => {
    const off = { settingsForWANAlerting: "0".repeat(64), settingsForLogging: "0".repeat(64) };
    const deaf = json({ ...SNAPSHOT, alertsConfigurationSettingsNetworkOperator: off });
    const told = await tell(deaf, KEYS, "8002");
    expect([told.code, told.stdout, told.stderr]).toEqual([1, "", expect.stringMatching(/turned this alert off/)]);
    expect((await tell(json(SNAPSHOT), NO_OPERATOR, "8002")).stderr).toMatch(/name nobody.*\[gbcs-nobody\]/);
    expect((await alert("8F0A")).stderr).toMatch(/has no entry.*\[gbcs-no-alert\]/);
    const orphan = json({ ...SNAPSHOT, communicationsAccount: { ...SNAPSHOT.communicationsAccount, planned: [] } });
    expect((await tell(orphan, KEYS, "reading", "--at", "2026-06-03T00:00:00Z")).stderr).toMatch(/no message planned/);
  });

  test("is used wrongly with an event that is none, or of another form", async () => {
    const wrong: readonly (readonly [reason: RegExp, event: string, ...more: string[]])[] = [
      [/"9999" is no alert/, "9999"],
      [/"8F3" is no alert/, "8F3"],
      [/no alert/, "constructor"],
      [/--event: .*JSON/, "{"],
      [/--event: code: /, "{}"],
      [/--event: Unrecognized key/, '{"code": "8F32", "kind": "alert"}'],
      [/--event: at: /, '{"code": "8F32", "at": "yesterday"}'],
      [/--event: planned: section: /, JSON.stringify({ code: "8F66", planned: { section: "time", origin } })],
      [/only 8F66 and 8F67/, JSON.stringify({ code: "8F32", planned: { section: "paymentMode", origin } })],
      [/a command that planned/, "8F66"],
      [/a beginning and an end/, "8F36"],
      [/a beginning and an end/, "8F36", "--from", "2026-06-01T11:00:00Z"],
      [/a beginning and an end/, "8F36", "--from", "2026-06-01T11:00:00Z", "--to", "2026-06-01T10:00:00Z"],
      [/one moment/, "reading", "--from", "2026-06-01T11:00:00Z"],
    ];
    for (const [reason, event, ...more] of wrong) {
      const { code, stderr } = await alert(event, ...more, "--json");
      expect([event, code, JSON.parse(stderr)]).toEqual([
        event,
        2,
        { code: "usage", reason: expect.stringMatching(reason), next: expect.stringMatching(/\S/) },
      ]);
    }
  });
});
