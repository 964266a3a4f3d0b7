// `esme gbcs ...` as a program: a laboratory's meter with keys made here answers commands made here, by cryptography of the test's own.
// Runs the built program (dist/), as `npm test` builds it first.

import { spawnSync } from "node:child_process";
import {
  createCipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Ended, MAIN, esme as run } from "../proof/crash-bench.js";
import { EFFORT } from "../proof/proof.js";

const folder = mkdtempSync(join(tmpdir(), "esme-gbcs-"));
let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `file-${++files}`);
  writeFileSync(path, content);
  return path;
}
const json = (value: unknown) => file(JSON.stringify(value));

/** Runs it, and holds what always holds. */
async function esme(...words: string[]): Promise<Ended> {
  const ended = await run(...words);
  expect(ended.stdout + ended.stderr).not.toMatch(/^ {4}at /m);
  expect(ended.code, ended.stderr).not.toBe(70);
  return ended;
}
async function done(...words: string[]): Promise<Ended> {
  const ended = await esme(...words);
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}
/** Refused with this exit code, in words and in JSON. */
async function refused(exit: 1 | 2, code: string, reason: RegExp, ...words: string[]): Promise<void> {
  const plain = await esme(...words);
  expect([plain.code, plain.stderr]).toEqual([exit, expect.stringContaining(`[${code}]\n`)]);
  expect(plain.stderr).toMatch(reason);
  // That --json tells the same is held for each row in CI.
  if (EFFORT === "quick") return;
  const told = await esme(...words, "--json");
  expect(told.code).toBe(exit);
  expect(JSON.parse(told.stderr)).toEqual({
    code,
    reason: expect.stringMatching(reason),
    next: expect.stringMatching(/\S/),
  });
}

const octets = (hex: string) => new Uint8Array(Buffer.from(hex.replace(/\s/g, ""), "hex"));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const METER = "00db000000000001";
const BROKER = "90b3d51f30000002";
const OPERATOR = "90b3d51f30020000";
const SUPPLIER = "90b3d51f30010000";
const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const [meter, meterSigns, broker, operator, supplier, supplierSigns] = [pair(), pair(), pair(), pair(), pair(), pair()];
type Pair = ReturnType<typeof pair>;
const coordinate = (text: string | undefined) => hex(Buffer.from(text ?? "", "base64url"));
function keyOf({ publicKey, privateKey }: Pair, secret: boolean) {
  const { x, y } = publicKey.export({ format: "jwk" });
  const { d } = privateKey.export({ format: "jwk" });
  return { x: coordinate(x), y: coordinate(y), ...(secret ? { testScalar: coordinate(d) } : {}) };
}
const PARTIES = {
  [BROKER]: { role: "accessControlBroker", ka: keyOf(broker, false) },
  [OPERATOR]: { role: "networkOperator", ka: keyOf(operator, false) },
  [SUPPLIER]: { role: "supplier", ka: keyOf(supplier, false), ds: keyOf(supplierSigns, false) },
};
const KEYS = json({ [METER]: { ds: keyOf(meterSigns, true), ka: keyOf(meter, true) }, ...PARTIES });
const KEYS_WITHOUT_SIGNING = json({ [METER]: { ds: keyOf(meterSigns, false), ka: keyOf(meter, true) }, ...PARTIES });
const SNAPSHOT = json({
  schema: "esme/snapshot/1",
  at: "2026-06-01T12:00:00Z",
  activeExportRegister: { value: 1_234_567 },
  reactiveExportRegister: { value: 89 },
});

const counterHex = (counter: number) => counter.toString(16).padStart(16, "0");

/** A command with the broker's MAC, signed where `signer` signs. */
function command(originator: string, code: string, counter: number, content: string, signer?: KeyObject): Uint8Array {
  const invoke = counterHex(counter).slice(-6);
  const payload = octets(content.replace("IIIIII", invoke));
  const signed = octets(
    `09 01 ${counterHex(counter)} 08 ${originator} 08 ${METER} 00 02 ${code} ${hex(Uint8Array.of(payload.length))} ${hex(payload)}`,
  );
  const signature =
    signer === undefined ? "00" : `40 ${hex(sign("sha256", signed, { key: signer, dsaEncoding: "ieee-p1363" }))}`;
  const body = `df ${hex(signed)} ${signature}`;
  const length = octets(body).length + 17;
  const lengthHex = length < 128 ? length.toString(16) : `81 ${length.toString(16)}`;
  return octets(`dd 000000000000 ${lengthHex} 1100000000 ${body} ${macOf(originator, counter, 1, METER, body)}`);
}

/** Z of the broker and the meter; then as the facts derive a key and a MAC. */
function macOf(from: string, counter: number, cra: number, to: string, body: string, other: Pair = broker): string {
  const secret = diffieHellman({ privateKey: other.privateKey, publicKey: meter.publicKey });
  const input = `00000001 ${hex(secret)} 60857406080300 ${from} 09 0${cra} ${counterHex(counter)} ${to}`;
  const key = createHash("sha256").update(octets(input)).digest().subarray(0, 16);
  const cipher = createCipheriv("aes-128-gcm", key, octets(`${from} 00000000`), { authTagLength: 12 });
  cipher.setAAD(octets(`11 00 00 00 00 00 ${body}`)).final();
  return hex(cipher.getAuthTag());
}

const EXPORT = [1, 3].flatMap((c) => [2, 3].map((a) => `01 0003 0100 0${c === 1 ? 2 : 4}0800ff 0${a}`)).join(" ");
const READ = command(OPERATOR, "0026", 1200, `d9 20 IIIIII 00 04 ${EXPORT} 04 00 00 00 00`);
const CLOSE = "d9 20 IIIIII 00 01 03 0009 00000a006aff 01 01 12 0033";
const CLOSE_SWITCH = command(SUPPLIER, "004f", 7, CLOSE, supplierSigns.privateKey);

describe.concurrent("esme gbcs respond", () => {
  test("answers a read with what the snapshot holds, at the snapshot's moment, under a MAC for who asked", async () => {
    const { stdout, stderr } = await done("gbcs", "respond", "--snapshot", SNAPSHOT, "--keys", KEYS, file(hex(READ)));
    const body =
      `df 09 02 ${counterHex(1200)} 08 ${METER} 08 ${OPERATOR} 0c 07ea0601ff0c0000008000ff 02 0026 27` +
      " da 20 0004b0 00 00 04 06 0012d687 0202 0f00 161e 06 00000059 0202 0f00 1620 04 0100 0100 0100 0100 00";
    const mac = macOf(METER, 1200, 2, OPERATOR, body, operator);
    const wanted = octets(`dd 000000000000 67 1100000000 ${body} ${mac}`);
    expect(stdout).toBe(`${hex(wanted).toUpperCase()}\n`);
    expect(stderr).toBe("");
  });

  test("shows another time where --at says so, and a hardware fault where --fail-item says so", async () => {
    const more = ["--at", "2027-01-02T03:04:05Z", "--fail-item", "2"];
    const told = await done("gbcs", "respond", "--snapshot", SNAPSHOT, "--keys", KEYS, ...more, file(READ), "--json");
    const { schema, useCase, response } = JSON.parse(told.stdout);
    expect([schema, useCase]).toEqual(["esme/gbcs-respond/1", "ECS17a"]);
    expect(response).toContain("0C07EB0102FF030405008000FF");
    expect(response).toContain("0406" + "0012D687" + "000000" + "04" + "0100" + "0101" + "01FA" + "01FA" + "00");
  });

  test("signs what is critical; under a key of its own where the file has none, and says which", async () => {
    const known = await done("gbcs", "respond", "--snapshot", SNAPSHOT, "--keys", KEYS, file(CLOSE_SWITCH));
    expect(known.stderr).toBe("");
    expect(isSigned(known.stdout, meterSigns.publicKey)).toBe(true);
    const own = await done(
      "gbcs",
      "respond",
      "--snapshot",
      SNAPSHOT,
      "--keys",
      KEYS_WITHOUT_SIGNING,
      file(CLOSE_SWITCH),
    );
    expect(isSigned(own.stdout, meterSigns.publicKey)).toBe(false);
    const [, x = "", y = ""] = /x ([0-9A-F]{64}) y ([0-9A-F]{64})/.exec(own.stderr) ?? [];
    const point = (coordinate: string) => Buffer.from(coordinate, "hex").toString("base64url");
    const key = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x: point(x), y: point(y) } });
    expect(isSigned(own.stdout, key)).toBe(true);
  });

  /** A message that begins at DF and ends with 40 and a signature of everything between. */
  function isSigned(text: string, key: KeyObject): boolean {
    const bytes = octets(text);
    return verify("sha256", bytes.subarray(1, -65), { key, dsaEncoding: "ieee-p1363" }, bytes.subarray(-64));
  }

  test("stays silent, with a code and a reason, where the meter would", async () => {
    const respond = (message: Uint8Array) => ["gbcs", "respond", "--snapshot", SNAPSHOT, "--keys", KEYS, file(message)];
    const tampered = READ.slice();
    tampered[60] = (tampered[60] ?? 0) ^ 1;
    await refused(1, "gbcs-mac", /MAC/, ...respond(tampered));
    const read = "d9 20 IIIIII 00 01 01 0003 0100 020800ff 02 01 00";
    await refused(1, "gbcs-role", /ECS17a/, ...respond(command(SUPPLIER, "0026", 1, read)));
    await refused(1, "gbcs-originator", /90b3d51f30030000/, ...respond(command("90b3d51f30030000", "0026", 1, read)));
    const other = "d9 20 IIIIII 00 01 01 0003 0100 010800ff 02 01 00";
    await refused(1, "gbcs-items", /1-0:1\.8\.0\.255/, ...respond(command(OPERATOR, "0026", 1, other)));
    await refused(1, "gbcs-form", /cut-short/, ...respond(READ.subarray(0, 70)));
  });

  test("refuses what is no message, no meter and no file of keys", async () => {
    const message = file(hex(READ));
    const respond = (snapshot: string, keys: string, what: string) =>
      ["gbcs", "respond", "--snapshot", snapshot, "--keys", keys, what] as const;
    await refused(1, "not-hex", /"!" is no hexadecimal digit/, ...respond(SNAPSHOT, KEYS, file("DD00!")));
    await refused(1, "not-hex", /there is no message/, ...respond(SNAPSHOT, KEYS, file(" \n")));
    await refused(1, "not-hex", /3 digits/, ...respond(SNAPSHOT, KEYS, file("DD0")));
    await refused(1, "enoent", /nowhere/, ...respond(SNAPSHOT, KEYS, join(folder, "nowhere")));
    await refused(1, "snapshot-unreadable", /JSON/, ...respond(file("{"), KEYS, message));
    await refused(1, "keys-broken", /has no key|no key-agreement key/, ...respond(SNAPSHOT, json(PARTIES), message));
    await refused(1, "keys-unreadable", /JSON/, ...respond(SNAPSHOT, file("["), message));
  });

  test("refuses two messages, a moment that no message tells and an item that the command has not", async () => {
    const rest = ["--keys", KEYS, file(hex(READ))];
    const respond = (...more: string[]) => ["gbcs", "respond", "--snapshot", SNAPSHOT, ...more];
    const two = file(`${hex(READ)}\n${hex(READ)}`);
    await refused(1, "several-messages", /holds 2 messages/, ...respond("--keys", KEYS, two));
    await refused(2, "usage", /is before 1970/, ...respond("--at", "0001-01-01", ...rest));
    await refused(2, "usage", /"2026-02-30" is not a time/, ...respond("--at", "2026-02-30", ...rest));
    await refused(2, "usage", /4 items, and no item 5/, ...respond("--fail-item", "5", ...rest));
    const early = {
      schema: "esme/snapshot/1",
      at: "2026-06-01T12:00:00Z",
      restrictDataDateTime: { value: "1960-01-01T00:00:00Z" },
    };
    const reason = /restrictDataDateTime\.value: 1960-01-01T00:00:00Z is before 1970/;
    await refused(1, "snapshot-broken", reason, "gbcs", "respond", "--snapshot", json(early), ...rest);
  });

  test("is used wrongly without a snapshot, with an item 0, with a word too many", async () => {
    const rest = ["--keys", KEYS, file(hex(READ))];
    await refused(2, "usage", /--snapshot/, "gbcs", "respond", ...rest);
    await refused(2, "usage", /"0" is no item/, "gbcs", "respond", "--snapshot", SNAPSHOT, "--fail-item", "0", ...rest);
    await refused(2, "usage", /too many/, "gbcs", "respond", "--snapshot", SNAPSHOT, ...rest, "extra");
    await refused(2, "usage", /Did you mean respond/, "gbcs", "repsond");
  });
});

describe.concurrent("esme gbcs state", () => {
  const answered = async (...more: string[]) => {
    const words = ["gbcs", "respond", "--snapshot", SNAPSHOT, "--keys", KEYS, ...more, file(READ)];
    return file((await done(...words)).stdout);
  };

  test("gives the smallest snapshot that explains an answer", async () => {
    const { stdout, stderr } = await done("gbcs", "state", file(READ), await answered(), "--keys", KEYS);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      schema: "esme/snapshot/1",
      at: "2026-06-01T12:00:00Z",
      activeExportRegister: { value: 1_234_567 },
      reactiveExportRegister: { value: 89 },
    });
  });

  test("says which item failed, to have it fail again", async () => {
    const response = await answered("--fail-item", "3");
    const { stdout, stderr } = await done("gbcs", "state", file(READ), response, "--keys", KEYS);
    expect(stderr).toMatch(/--fail-item 3/);
    expect(JSON.parse(stdout)).not.toHaveProperty("reactiveExportRegister");
    const told = await done("gbcs", "state", file(READ), response, "--keys", KEYS, "--json");
    expect(JSON.parse(told.stderr)).toEqual({ note: expect.stringMatching(/3/), failItem: 3 });
    const again = ["--snapshot", file(stdout), "--keys", KEYS, "--fail-item", "3", file(READ)];
    expect(file((await done("gbcs", "respond", ...again)).stdout)).not.toBe("");
  });

  test("refuses a response to another command", async () => {
    const other = command(OPERATOR, "0026", 1201, `d9 20 IIIIII 00 04 ${EXPORT} 04 00 00 00 00`);
    await refused(
      1,
      "gbcs-pair",
      /not to this command/,
      "gbcs",
      "state",
      file(other),
      await answered(),
      "--keys",
      KEYS,
    );
  });
});

describe.concurrent("esme gbcs alert", () => {
  const alert = (...more: string[]) => ["gbcs", "alert", "--snapshot", SNAPSHOT, "--keys", KEYS, ...more];
  const OUTAGE = ["--from", "2026-06-01T11:00:00Z", "--to", "2026-06-01T11:30:00Z"];

  test("tells the network operator of an outage, with its beginning and its end", async () => {
    const { stdout } = await done(...alert("--event", "8F36", ...OUTAGE));
    const body = octets(stdout.slice(0, -1));
    expect(hex(body.subarray(0, 41))).toBe(
      hex(octets(`df 09 03 ${counterHex(1)} 08 ${METER} 08 ${OPERATOR} 00 02 0067 35 0f 20 000001 00 02`)),
    );
    expect(stdout).toContain("090C07EA0601FF0B0000008000FF090C07EA0601FF0B1E00008000FF40");
    const signed = body.subarray(1, -65);
    const key = { key: meterSigns.publicKey, dsaEncoding: "ieee-p1363" as const };
    expect(verify("sha256", signed, key, body.subarray(-64))).toBe(true);
  });

  test("takes an alert by its name too", async () => {
    const told = JSON.parse((await done(...alert("--event", "outageRestored", ...OUTAGE), "--json")).stdout);
    expect([told.schema, told.code, told.recipient]).toEqual(["esme/gbcs-alert/1", "8F35", OPERATOR]);
  });

  test("tells who planned a setting that it took effect, when a reading comes after its moment", async () => {
    const snapshot = json({
      schema: "esme/snapshot/1",
      at: "2026-06-01T12:00:00Z",
      loadLimitPeriod: { valueCurrent: 60, valueNext: 90, activateNextDateTime: "2026-06-02T09:00:00Z" },
      communicationsAccount: {
        originatorCounter: "2010",
        received: [],
        planned: [{ section: "loadLimitPeriod", origin: { messageCode: 67, originator: SUPPLIER, counter: "1004" } }],
      },
    });
    const words = ["--event", "reading", "--at", "2026-06-03T00:00:00Z"];
    const { stdout } = await done("gbcs", "alert", "--snapshot", snapshot, "--keys", KEYS, ...words);
    const body = octets(stdout.slice(0, -1)).subarray(0, -65);
    expect(hex(body)).toBe(
      hex(
        octets(
          `df 09 03 ${counterHex(2011)} 08 ${METER} 08 ${SUPPLIER} 00 02 00cc 2e 0f 20 0007db 00 0203 12 8f66` +
            " 090c 07ea0602ff090000008000ff 0913 0043 00000000000003ec 2328 00005e2c8006 06",
        ),
      ),
    );
  });

  test("refuses an alert that nobody knows, an outage without an end, a time in which nothing happens", async () => {
    await refused(2, "usage", /"8ZZZ" is no alert/, ...alert("--event", "8ZZZ"));
    await refused(2, "usage", /a beginning and an end/, ...alert("--event", "8F36"));
    await refused(2, "usage", /only the alert of an outage/, ...alert("--event", "8F32", ...OUTAGE));
    await refused(1, "gbcs-no-alert", /nothing to tell/, ...alert("--event", "reading"));
    await refused(2, "usage", /not an EUI-64/, ...alert("--event", "8F32", "--identity", "12"));
  });
});

describe.concurrent("esme gbcs explain", () => {
  const TEXT = hex(READ).toUpperCase();

  test("reads text with spaces and line breaks, bytes, and what comes in, alike", async () => {
    const plain = (await done("gbcs", "explain", file(TEXT))).stdout;
    expect(plain).toMatch(/^ {4}44 {2}0026 +message code: 0026 ECS17a: /m);
    const spaced = TEXT.toLowerCase()
      .replace(/(..)/g, "$1 ")
      .replace(/((?:.. ){16})/g, "$1\n");
    expect((await done("gbcs", "explain", file(spaced))).stdout).toBe(plain);
    expect((await done("gbcs", "explain", file(READ))).stdout).toBe(plain);
    const piped = spawnSync(process.execPath, [MAIN, "gbcs", "explain", "-"], { input: TEXT, encoding: "utf8" });
    expect([piped.status, piped.stdout]).toEqual([0, plain]);
  });

  test("explains several messages, each from its own line on, and names in an answer what the command asked for", async () => {
    const answer = (await done("gbcs", "respond", "--snapshot", SNAPSHOT, "--keys", KEYS, file(READ))).stdout;
    const both = file(`${TEXT}\n\n${answer}`);
    const told = JSON.parse((await done("gbcs", "explain", both, "--keys", KEYS, "--json")).stdout);
    expect(told.schema).toBe("esme/gbcs-explain/1");
    expect(told.messages).toHaveLength(2);
    const [, lines] = told.messages.map((one: { lines: unknown }) => one.lines);
    expect(lines).toContainEqual({
      at: 67,
      bytes: "060012D687",
      depth: 1,
      name: "data 1 3/1-0:2.8.0.255/A2 = ActiveExportRegister.value",
      value: "double-long-unsigned 1234567",
    });
    expect(lines.at(-1).value).toMatch(/: right$/);
    expect((await done("gbcs", "explain", both)).stdout).toMatch(/^message 2$/m);
  });

  test("says of which messages it has no keys, and reads no file without end", async () => {
    const { stdout, stderr } = await done("gbcs", "explain", file(TEXT), "--keys", json(PARTIES), "--json");
    expect(JSON.parse(stdout).messages).toHaveLength(1);
    expect(JSON.parse(stderr)).toEqual({ note: expect.stringMatching(/00db000000000001 is not checked/) });
    await refused(1, "too-large", /more than \d+ bytes/, "gbcs", "explain", "/dev/zero");
    await refused(1, "enametoolong", /too long/, "gbcs", "explain", "a".repeat(300));
    await refused(1, "not-hex", /message 2 of 2: 5 digits/, "gbcs", "explain", file(`${TEXT}\nDF090`));
  });

  test("calls a header that GBCS has otherwise what it is", async () => {
    const odd = READ.slice();
    odd[3] = 1;
    expect((await esme("gbcs", "explain", file(odd))).stdout).toMatch(
      /transaction-id \.\. key-info: not as GBCS has it/,
    );
  });

  test("explains a message that is cut short as far as it goes, and refuses it then", async () => {
    const cut = file(TEXT.slice(0, 120));
    const ended = await esme("gbcs", "explain", cut);
    expect(ended.stdout).toContain("message code: 0026 ECS17a");
    expect(ended.stdout).toMatch(/^ {4}60 +fault: .* is cut short/m);
    await refused(1, "gbcs-form", /at octet 60: /, "gbcs", "explain", cut);
  });
});
