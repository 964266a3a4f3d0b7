// Commands that are not to be obeyed: tampered with, sent again, of somebody else, beyond a role, of no use case. The meter is silent,
// nothing changes but for one line in the security log; and what is to be obeyed, is.

import { describe, expect, test } from "vitest";
import { documentOf, esmeOf } from "../../host/document/snapshot.js";
import { type Answered, answer, type SilenceCode } from "../../host/gbcs/answer.js";
import type { Esme } from "../../host/ledger/esme.js";
import {
  BROKER,
  commandOf,
  type LabCommand,
  LOAD_CONTROLLER,
  macked,
  NETWORK_OPERATOR,
  octets,
  openResponse,
  precommandOf,
  SUPPLIER,
} from "./laboratory.js";
import { AT, KEYS, keyringFrom, METER, meter, STRANGER } from "./laboratory-meter.js";
import { bool, text, u16 } from "./laboratory-values.js";
import { brokenSilence, changes, flipped, given } from "./laws.js";
import { pairs, reference, WHERE } from "./reference.js";

type Asked = Omit<LabCommand, "meter">;
const made = (command: Asked & { readonly meter?: string }) => commandOf(KEYS, { meter: METER, ...command });

const VERSION = [1, "0-0:0.2.1.255", 2] as const;
const MPAN = [1, "0-0:94.44.34.11", 2] as const;
const TAMPER = [1, "0-0:94.44.0.4", 2] as const;
const SWITCH = [9, "0-0:10.0.106.255", 1] as const;
const HALF_HOURS = [7, "0-0:99.1.0.255", 2] as const;
const digits = (mpan: string) => text(Buffer.from(mpan).toString("hex"));

/** ECS52: who may read anything, may read this. */
const READ: Asked = { code: 0x59, originator: SUPPLIER, counter: 1n, items: [{ get: VERSION }] };
/** ECS17b. */
const PROTECTED: Asked = {
  code: 0x27,
  originator: SUPPLIER,
  counter: 1n,
  items: [{ read: "0-0:43.2.8.255", of: [[1, "0-0:94.44.34.10", 2]] }],
};
/** ECS39a, replay-protected. */
const SET: Asked = {
  code: 0x4c,
  originator: SUPPLIER,
  counter: 5n,
  items: [{ set: MPAN, data: digits("1312345678333") }],
};
/** ECS81, critical. */
const SIGNED: Asked = {
  code: 0x68,
  originator: SUPPLIER,
  counter: 5n,
  items: [{ set: TAMPER, data: bool(true) }],
  signed: true,
};
/** ECS43, critical. */
const OPEN: Asked = {
  code: 0x50,
  originator: SUPPLIER,
  counter: 9n,
  items: [{ act: SWITCH, data: u16(52) }],
  signed: true,
};

function obeyed(esme: Esme, bytes: Uint8Array): Answered {
  const done = given(esme, bytes);
  if (done.kind === "silent") throw new Error(done.reason);
  return done;
}

describe("a command that is in order", () => {
  test("is answered under the meter's MAC, and a read changes nothing", () => {
    const esme = meter({ firmwareVersion: { value: "00000012" } });
    const done = obeyed(esme, made(READ));
    const opened = openResponse(KEYS, done.bytes);
    expect(opened).toMatchObject({ authentic: true, cra: 2, counter: 1n, originator: METER, recipient: SUPPLIER });
    expect([opened.results, opened.values]).toEqual([[0], [{ tag: 9, of: "00000012" }]]);
    expect(changes(esme, done.esme)).toEqual([]);
  });

  test("that is a critical one, is answered under the meter's signature, and what it sets is set", () => {
    const esme = meter();
    const done = obeyed(esme, made(OPEN));
    expect(openResponse(KEYS, done.bytes)).toMatchObject({ authentic: true, results: [0] });
    expect(done.esme.state.supplyState.value).toBe("disabled");
  });

  test("that reads what is protected, is answered under the key of who asked", () => {
    const { values, authentic } = openResponse(KEYS, obeyed(meter(), made(PROTECTED)).bytes);
    expect(authentic).toBe(true);
    expect(JSON.stringify(values)).toContain("7654321");
  });

  test("may be read again and again, with the same answer octet for octet", () => {
    const esme = meter();
    const first = obeyed(esme, made(READ));
    expect(obeyed(first.esme, made(READ)).bytes).toEqual(first.bytes);
  });
});

describe("a command with any octet changed finds silence and one line in the security log", () => {
  test.each([
    ["a read", READ],
    ["a setting", SET],
    ["a protected read", PROTECTED],
    ["a critical setting", SIGNED],
  ])("%s", (_what, command) => {
    const esme = meter();
    const bytes = made(command);
    for (let at = 0; at < bytes.length; at++)
      for (const mask of [1, 0x80, 0xff]) {
        const done = given(esme, flipped(bytes, at, mask));
        expect(done.kind === "silent" ? brokenSilence(esme, done) : "answered", `octet ${at} by ${mask}`).toBe("");
      }
    expect(given(esme, bytes).kind).toBe("answered");
  });

  test.skipIf(reference === null)(`on behalf of a party that the meter does not know (${WHERE})`, () => {
    const { messages = [], keystore = {} } = reference ?? {};
    const pair = pairs(messages).find(({ name }) => name === "ECS21b_4.14_URP_SUCCESS");
    const bytes = octets(pair?.command.hex ?? "");
    const ring = keyringFrom(keystore, "00db1234567890a0");
    const esme = meter();
    for (let at = 0; at < bytes.length; at++) {
      const done = answer(esme, AT, flipped(bytes, at, 1), ring);
      expect(done.kind === "silent" ? brokenSilence(esme, done) : "answered", `octet ${at}`).toBe("");
    }
    const done = answer(esme, AT, bytes, ring);
    expect(changes(esme, done.esme)).toEqual(["state.communicationsAccount"]);
  });
});

describe("a counter", () => {
  const mpan = (counter: bigint, last: string, originator = SUPPLIER) =>
    made({ ...SET, originator, counter, items: [{ set: MPAN, data: digits(`131234567800${last}`) }] });
  const imported = (esme: Esme) => esme.state.meterPointAdministrationNumber.importMPAN;
  const refused = (esme: Esme, bytes: Uint8Array) => {
    const done = given(esme, bytes);
    expect(done).toMatchObject({ kind: "silent", code: "gbcs-replayed" });
    expect(done.kind === "silent" && brokenSilence(esme, done)).toBe("");
  };

  test("is accepted once, then only a higher one", () => {
    const once = obeyed(meter(), mpan(5n, "1")).esme;
    expect(imported(once)).toBe("1312345678001");
    for (const again of [mpan(5n, "1"), mpan(5n, "2"), mpan(4n, "3"), mpan(0n, "4")]) refused(once, again);
    const higher = obeyed(once, mpan(6n, "5")).esme;
    expect(imported(higher)).toBe("1312345678005");
    refused(higher, mpan(6n, "6"));
    expect(imported(obeyed(higher, mpan(2n ** 64n - 1n, "7")).esme)).toBe("1312345678007");
  });

  test("of nought is accepted as a first one, and only then", () => {
    const once = obeyed(meter(), mpan(0n, "1")).esme;
    refused(once, mpan(0n, "1"));
  });

  test("is each party's own, and one for all its use cases", () => {
    const once = obeyed(meter(), made(OPEN)).esme;
    refused(once, mpan(9n, "1"));
    const limits = { code: 0xd3, items: [{ act: [3, "1-0:32.32.0.4", 1] as const, data: "0f00" }] };
    const other = obeyed(once, made({ ...limits, originator: NETWORK_OPERATOR, counter: 2n }));
    expect(other.kind).toBe("answered");
    refused(other.esme, made({ ...limits, originator: NETWORK_OPERATOR, counter: 2n }));
    expect(imported(obeyed(other.esme, mpan(10n, "2")).esme)).toBe("1312345678002");
  });

  test("that was accepted, is still refused by the meter that was kept and read again", () => {
    const once = obeyed(meter(), mpan(2n ** 63n + 1n, "1")).esme;
    const kept = JSON.parse(JSON.stringify(documentOf(once, { at: AT, meter: "a", source: "b" })));
    const read = esmeOf(kept);
    if ("rule" in read) throw new Error(`${read.place}: ${read.rule}`);
    refused(read, mpan(2n ** 63n + 1n, "1"));
    refused(read, mpan(2n ** 63n, "2"));
    expect(imported(obeyed(read, mpan(2n ** 63n + 2n, "3")).esme)).toBe("1312345678003");
  });

  test("counts where an item failed, too: what was obeyed of it is not obeyed again", () => {
    const esme = meter();
    const wrong = made({ ...SET, items: [{ set: MPAN, data: u16(1) }] });
    const done = obeyed(esme, wrong);
    expect(openResponse(KEYS, done.bytes).results).toEqual([3]);
    expect(changes(esme, done.esme)).toEqual(["state.communicationsAccount"]);
    refused(done.esme, made(SET));
  });

  test("of a command that was refused, is as good as new", () => {
    const esme = meter();
    const silent = given(esme, flipped(made(SET), 60, 1));
    expect(obeyed(silent.esme, made(SET)).kind).toBe("answered");
  });
});

describe("silence, and one line in the security log, is what finds", () => {
  const body = (hex: string) => macked(KEYS, { ...READ, meter: METER }, hex);
  const cases: readonly (readonly [what: string, code: SilenceCode, bytes: Uint8Array])[] = [
    ["nothing", "gbcs-form", new Uint8Array(0)],
    ["a party of whom the meter never heard", "gbcs-originator", made({ ...READ, originator: STRANGER })],
    ["the meter itself as an originator", "gbcs-originator", made({ ...READ, originator: METER })],
    ["a known party's name under another's key", "gbcs-mac", made({ ...READ, macKeyOf: NETWORK_OPERATOR })],
    ["a party's own key where the broker's is asked for", "gbcs-mac", made({ ...READ, macKeyOf: SUPPLIER })],
    ["a stranger's key", "gbcs-mac", made({ ...READ, macKeyOf: STRANGER })],
    [
      "a supplier's critical command that the network operator signed well",
      "gbcs-role",
      made({ ...OPEN, originator: NETWORK_OPERATOR }),
    ],
    ["the same that the broker signed", "gbcs-role", made({ ...OPEN, originator: BROKER })],
    ["the same of a load controller", "gbcs-role", made({ ...OPEN, originator: LOAD_CONTROLLER })],
    [
      "a supplier who reads what is the network operator's",
      "gbcs-role",
      made({ ...READ, code: 0xef, items: [{ get: [1, "0-0:33.97.98.15", 2] }] }),
    ],
    ["a load controller who reads", "gbcs-role", made({ ...READ, originator: LOAD_CONTROLLER })],
    ["a critical command with another's signature", "gbcs-signature", made({ ...OPEN, signer: NETWORK_OPERATOR })],
    ["a critical command without a signature", "gbcs-signature", made({ ...OPEN, signed: false })],
    ["a signature where none belongs", "gbcs-signature", made({ ...READ, signed: true })],
    [
      "a read that sets",
      "gbcs-items",
      made({ ...READ, items: [{ get: VERSION }, { set: MPAN, data: digits("1312345678333") }] }),
    ],
    ["a read that switches", "gbcs-items", made({ ...READ, items: [{ act: SWITCH, data: u16(52) }] })],
    ["a setting that reads", "gbcs-items", made({ ...SET, items: [{ get: MPAN }] })],
    ["a critical command's item in another critical command", "gbcs-items", made({ ...OPEN, code: 0x68 })],
    [
      "a setting of what may only be read",
      "gbcs-items",
      made({ ...READ, items: [{ set: VERSION, data: text("00") }] }),
    ],
    [
      "protected data asked for in the open",
      "gbcs-items",
      made({ ...READ, code: 0x37, items: [{ get: HALF_HOURS, range: [new Date(AT - 86_400_000), new Date(AT)] }] }),
    ],
    ["the same by another command", "gbcs-items", made({ ...READ, items: [{ get: HALF_HOURS }] })],
    [
      "other protected data than the command's",
      "gbcs-items",
      made({ ...PROTECTED, items: [{ read: "0-0:43.2.8.255", of: [HALF_HOURS] }] }),
    ],
    ["an object that no command names", "gbcs-items", made({ ...READ, items: [{ get: [1, "9-9:9.9.9.9", 2] }] })],
    ["a message for another meter", "gbcs-recipient", made({ ...READ, meter: STRANGER })],
    ["a response as if it were a command", "gbcs-form", made({ ...READ, cra: 2 })],
    ["an alert as if it were a command", "gbcs-form", made({ ...READ, cra: 3 })],
    ["a pre-command", "gbcs-form", precommandOf({ ...OPEN, meter: METER })],
    ["the meter's own answer", "gbcs-form", obeyed(meter(), made(READ)).bytes],
    ["a message code of no use case", "gbcs-use-case", made({ ...READ, code: 0xffff })],
    [
      "another's party without the broker",
      "gbcs-role",
      made({ ...READ, supplementary: { party: STRANGER, counter: 1n } }),
    ],
    [
      "a certificate that is none",
      "gbcs-keys",
      made({
        code: 0x37,
        originator: BROKER,
        counter: 1n,
        items: [{ read: "0-0:43.2.7.255", of: [HALF_HOURS] }],
        supplementary: { party: STRANGER, counter: 1n, certificate: "3003020101" },
      }),
    ],
    [
      "an id that is not of its counter",
      "gbcs-form",
      made({ ...READ, content: "d920000002000101000100000201ff020100" }),
    ],
    ["a MAC over something that is no message", "gbcs-form", body("df00")],
    ["a MAC over nothing", "gbcs-form", body("")],
    ["no content", "gbcs-form", made({ ...READ, content: "" })],
  ];

  test.each(cases)("%s: %s", (_what, code, bytes) => {
    const esme = meter();
    const done = given(esme, bytes);
    expect(done.kind === "silent" ? [done.code, brokenSilence(esme, done)] : "answered").toEqual([code, ""]);
  });

  test("the same a thousand times: the security log keeps its last hundred lines, and counts them all", () => {
    const before = meter();
    let esme = before;
    for (let time = 0; time < 1_000; time++) esme = given(esme, made({ ...READ, macKeyOf: STRANGER })).esme;
    expect(esme.state.securityLog).toMatchObject({ size: 100, written: before.state.securityLog.written + 1_000 });
    expect(changes(before, esme)).toEqual(["state.securityLog"]);
    expect(obeyed(esme, made(READ)).bytes).toEqual(obeyed(before, made(READ)).bytes);
  });
});
