// Explaining messages: every byte of every reference message is told once, in order, under a name; what is damaged is told as far as it
// goes; what is encrypted, with the published keys.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyringOfKeystore } from "../../host/adapters/keys/keystore-file.js";
import { explain, itemsOf, type Line } from "../../host/gbcs/explain.js";
import { KEYSTORE, type ReferenceMessage, reference, WHERE } from "./reference.js";

const METER = "00db1234567890a0";
const octetsOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array) => Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join("");

/** The lines that tell bytes of the message itself. */
const ofMessage = (lines: readonly Line[]) => lines.filter(({ plaintext }) => plaintext !== true);
const told = (lines: readonly Line[]) =>
  ofMessage(lines)
    .map(({ bytes }) => hexOf(bytes))
    .join("");
const faults = (lines: readonly Line[]) => lines.filter(({ fault }) => fault === true);
const valueIn = (lines: readonly Line[], name: string) => lines.find((line) => line.name === name)?.value;

/** Every line begins where the one before it ended. */
function inOrder(lines: readonly Line[]): boolean {
  let at = 0;
  return ofMessage(lines).every((line) => {
    const right = line.at === at;
    at += line.bytes.length;
    return right;
  });
}

// A read of the export registers: made by hand from the description of a frame, with a MAC that is none.
const READ = [
  "dd000000000000 68 1100000000",
  "df 09 01 00000000000004b0 08 90b3d51f30020000 08 00db1234567890a0 00 02 0026 34",
  "d9 200004b0 00 04",
  "01 0003 0100020800ff 02  01 0003 0100020800ff 03  01 0003 0100040800ff 02  01 0003 0100040800ff 03",
  "04 00 00 00 00  00  000102030405060708090a0b",
]
  .join("")
  .replace(/ /g, "");

describe("a message made by hand", () => {
  const lines = explain(octetsOf(READ));

  test("is told whole, each byte once and in order", () => {
    expect(faults(lines)).toEqual([]);
    expect(told(lines)).toBe(READ);
    expect(inOrder(lines)).toBe(true);
  });

  test("says what it is, from whom, to whom, what it asks for, under the meter's own names", () => {
    expect(valueIn(lines, "CRA flag")).toBe("command");
    expect(valueIn(lines, "originator counter")).toBe("1200");
    expect(valueIn(lines, "recipient-system-title")).toBe(METER);
    expect(valueIn(lines, "message code")).toMatch(/^0026 ECS17a: /);
    expect(valueIn(lines, "instance-id")).toBe("1-0:2.8.0.255");
    expect(lines.map(({ name }) => name)).toContain("data 1 3/1-0:2.8.0.255/A2 = ActiveExportRegister.value");
    expect(itemsOf(octetsOf(READ))).toEqual([
      "3/1-0:2.8.0.255/A2",
      "3/1-0:2.8.0.255/A3",
      "3/1-0:4.8.0.255/A2",
      "3/1-0:4.8.0.255/A3",
    ]);
  });

  test("cut anywhere is told up to there, and the last line says what is missing", () => {
    for (let length = 0; length < READ.length / 2; length++) {
      const cut = explain(octetsOf(READ.slice(0, 2 * length)));
      expect([length, told(cut)]).toEqual([length, READ.slice(0, 2 * length)]);
      expect(inOrder(cut)).toBe(true);
      expect([length, faults(cut).length, cut.at(-1)?.fault]).toEqual([length, 1, true]);
    }
  });

  test("with a length that lies is told up to where it shows", () => {
    const longer = explain(
      octetsOf(READ.replace("00022600", "00022600").replace("dd00000000000068", "dd00000000000070")),
    );
    expect(faults(longer)).toHaveLength(1);
    const inner = explain(octetsOf(READ.replace("0200263", "0200267")));
    expect(faults(inner)).toHaveLength(1);
    expect(READ.startsWith(told(inner).slice(0, 90))).toBe(true);
  });

  test("names each date-time, and each octet string that is one", () => {
    const time = "07e60601ff0c1e0f008000ff";
    const alert = `df090300000000000007d00800db1234567890a00890b3d51f3002000000020067190f200007d0000202128f36090c${time}00`;
    const lines = explain(octetsOf(alert));
    expect(faults(lines)).toEqual([]);
    expect(valueIn(lines, "time stamp")).toBe(`octet-string(12) ${time.toUpperCase()} = 2022-06-01 12:30:15`);
    expect(valueIn(lines, "alert code in words")).toBe("8F36: the supply was restored after 3 minutes or more");
  });
});

describe("any bytes", () => {
  const holds = (bytes: Uint8Array) => {
    const lines = explain(bytes);
    expect(hexOf(bytes).startsWith(told(lines))).toBe(true);
    expect(inOrder(lines)).toBe(true);
    if (faults(lines).length === 0) expect(told(lines)).toBe(hexOf(bytes));
    else expect(lines.filter(({ fault }) => fault)).toEqual([lines.at(-1)]);
  };

  test("are told from the beginning on, up to a fault or to their end, and never throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), holds), { numRuns: 300 });
  });

  test("of a message with some of them changed, too", () => {
    const change = fc.tuple(fc.nat(READ.length / 2 - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = octetsOf(READ);
        for (const [at, octet] of changes) bytes[at] = octet;
        holds(bytes);
      }),
      { numRuns: 500 },
    );
  });

  test("of structures within structures without end are told in bounded time", () => {
    const deep = `df090100000000000004b00890b3d51f300200000800db1234567890a00002002682ea60d9200004b00001${"0201".repeat(29_000)}`;
    holds(octetsOf(deep));
  });
});

describe.skipIf(reference === null)(reference === null ? WHERE : "the reference messages", () => {
  const messages = reference?.messages ?? [];
  const named = (name: string) => messages.find((one) => one.name === name) as ReferenceMessage;
  const keyring = keysOfReference();

  test("are told whole: every byte of every one of them once and in order", () => {
    for (const { name, hex } of messages) {
      const lines = explain(octetsOf(hex));
      expect([name, faults(lines)]).toEqual([name, []]);
      expect([name, told(lines)]).toEqual([name, hex.toLowerCase()]);
      expect([name, inOrder(lines)]).toEqual([name, true]);
    }
  });

  test("of the electricity meter have a use case, and their commands no item without a name", () => {
    for (const { name, useCase, kind, hex } of messages.filter((one) => one.useCase.startsWith("ECS"))) {
      const lines = explain(octetsOf(hex));
      expect([name, valueIn(lines, "message code")]).not.toEqual([name, expect.stringContaining("not known")]);
      if (kind === "command" || kind === "precommand")
        expect([useCase, name, lines.filter((line) => / \d+\/\S+$/.test(line.name))]).toEqual([useCase, name, []]);
    }
  });

  test("say with the published keys that their MACs are right, and of a changed byte that it is wrong", () => {
    let macs = 0;
    for (const { name, hex } of messages.filter((one) => one.useCase.startsWith("ECS"))) {
      const value = valueIn(explain(octetsOf(hex), { keyring }), "MAC");
      if (value === undefined || !hex.toLowerCase().includes(METER)) continue;
      macs += 1;
      expect([name, value]).toEqual([name, expect.stringMatching(/: right$/)]);
    }
    expect(macs).toBeGreaterThan(300);
    const bytes = octetsOf(named("ECS17a_4.2_SUCCESS_RESPONSE").hex);
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    expect(valueIn(explain(bytes, { keyring }), "MAC")).toMatch(/: wrong$/);
  });

  test("show what is encrypted in them, also for a party that the meter need not know", () => {
    const read = (name: string) => explain(octetsOf(named(name).hex), { keyring }).filter(({ plaintext }) => plaintext);
    const balances = read("ECS19_4.3_SUCCESS_RESPONSE");
    const values = balances.map(({ value }) => value).join(" ");
    for (const pence of [250000, 95000, 187000, 203000, 243000, 46000])
      expect(values).toContain(`double-long ${pence}`);
    const known = read("ECS21b_4.14_KRP_SUCCESS_RESPONSE").map(({ bytes }) => hexOf(bytes));
    const unknown = read("ECS21b_4.14_URP_SUCCESS_RESPONSE").map(({ bytes }) => hexOf(bytes));
    expect(unknown.length).toBeGreaterThan(5);
    expect(unknown).toEqual(known);
  });

  test("say without keys that they do not open", () => {
    const lines = explain(octetsOf(named("ECS19_4.3_SUCCESS_RESPONSE").hex));
    expect(valueIn(lines, "encrypted")).toBe("these keys do not open it");
    expect(lines.filter(({ plaintext }) => plaintext)).toEqual([]);
  });

  test("name what a response answers, where the command is known", () => {
    const items = itemsOf(octetsOf(named("ECS17a_4.2_SUCCESS_COMMAND").hex));
    const lines = explain(octetsOf(named("ECS17a_4.2_SUCCESS_RESPONSE").hex), { items });
    expect(valueIn(lines, "data 1 3/1-0:2.8.0.255/A2 = ActiveExportRegister.value")).toBe("double-long-unsigned 10");
  });

  test("say which object an activation alert is of", () => {
    const lines = explain(octetsOf(named("ECS28a_6.4.1_8F66_FUTURE_DATED_SUCCESS_ALERT_PERIOD").hex));
    expect(valueIn(lines, "what ran")).toMatch(/^ECS28a, command counter 1004, 9000\/0-0:94\.44\.128\.6\/A6/);
  });

  function keysOfReference() {
    if (reference === null) return null;
    const opened = keyringOfKeystore(KEYSTORE, METER);
    if (!opened.ok) throw new Error(opened.reason);
    return opened.keyring;
  }
});
