// What has an end: the longest answer, the last counter, and counters after a restore, which never go back.

import { describe, expect, test } from "vitest";
import { alertMessages } from "../../host/gbcs/alerts.js";
import { answer } from "../../host/gbcs/answer.js";
import { MESSAGE_MAX } from "../../host/gbcs/frame.js";
import { countersKept } from "../../host/ledger/communications.js";
import type { Esme } from "../../host/ledger/esme.js";
import { commandOf, NETWORK_OPERATOR, openResponse, SUPPLIER } from "./laboratory.js";
import { AT, KEYS, METER, meter } from "./laboratory-meter.js";
import { RING } from "./laws.js";

const HALF_HOUR_ms = 1_800_000;
const IMPORT = "profileDataLogActiveEnergyImportedInPeriod";

/** A meter with so many half hours of import, the last of which ends at `AT`. */
function metered(halves: number): Esme {
  const logEntries = Array.from({ length: halves }, (_, at) => ({
    timestamp: new Date(AT - (halves - 1 - at) * HALF_HOUR_ms).toISOString(),
    primaryValue: at,
  }));
  return meter({ [IMPORT]: { logEntries } });
}

/** ECS22b of all there is. */
function readAll(counter: bigint): Uint8Array {
  const range = [new Date("2001-01-01T00:00:00Z"), new Date("2040-01-01T00:00:00Z")] as const;
  const items = [{ read: "0-0:43.2.7.255", of: [{ attribute: [7, "0-0:99.1.0.255", 2], range }] }] as const;
  return commandOf(KEYS, { code: 0x37, originator: SUPPLIER, meter: METER, counter, items });
}

describe("an answer", () => {
  test("of 150 days of half hours fits into a message", () => {
    const done = answer(metered(150 * 48), AT, readAll(1n), RING);
    if (done.kind !== "answered") throw new Error(done.reason);
    const read = openResponse(KEYS, done.bytes);
    expect(read).toMatchObject({ authentic: true, results: [0] });
    expect(done.bytes.length).toBeGreaterThan(150 * 48 * 8);
  });

  test("that would be longer than a message may be says that the item failed, and changes nothing", () => {
    const esme = metered(19_056);
    const done = answer(esme, AT, readAll(1n), RING);
    if (done.kind !== "answered") throw new Error(done.reason);
    expect(done.bytes.length).toBeLessThan(MESSAGE_MAX);
    expect(openResponse(KEYS, done.bytes)).toMatchObject({ authentic: true, results: [0xfa], values: [{ tag: 0 }] });
    expect(done.esme).toBe(esme);
  });
});

const LAST = 2n ** 64n - 1n;
const account = (originatorCounter: bigint, ...received: readonly (readonly [string, bigint])[]) => ({
  communicationsAccount: {
    originatorCounter: String(originatorCounter),
    received: received.map(([party, counter]) => ({ party, counter: String(counter) })),
    planned: [],
  },
});

describe("the counters of a meter", () => {
  test("end with the last: no message begins under a counter that was used", () => {
    const alert = { kind: "alert", at: AT, code: 0x8f35, text: "the supply is back", times: [AT, AT] } as const;
    const before = alertMessages(meter(account(LAST - 1n)), AT, alert, RING);
    expect(before.messages.map(({ recipient }) => recipient)).toEqual([NETWORK_OPERATOR]);
    expect(before.esme.state.communicationsAccount.originatorCounter).toBe(LAST);
    const after = alertMessages(before.esme, AT, alert, RING);
    expect(after.messages).toEqual([]);
    expect(after.esme.state.communicationsAccount.originatorCounter).toBe(LAST);
  });

  test("do not go back where an older state is restored, and go on where a newer one is", () => {
    const then = meter(account(100n, [SUPPLIER, 5n], [NETWORK_OPERATOR, 9n])).state;
    const now = meter(account(90n, [SUPPLIER, 7n], [METER, 1n])).state;
    const { received, originatorCounter } = countersKept(then, now).communicationsAccount;
    expect(originatorCounter).toBe(100n);
    expect(countersKept(now, then).communicationsAccount.originatorCounter).toBe(100n);
    expect(new Map(received.map(({ party, counter }) => [party, counter]))).toEqual(
      new Map([
        [SUPPLIER, 7n],
        [NETWORK_OPERATOR, 9n],
        [METER, 1n],
      ]),
    );
    expect(countersKept(then, now).meterVariant).toBe(then.meterVariant);
  });
});

describe("what a meter can tell and may not be set to", () => {
  const MPAN = [1, "0-0:94.44.34.11", 2] as const;
  const EXTREME = [71, "0-0:17.0.1.255", 4] as const;
  const PERIOD = [7, "1-0:32.24.0.255", 4] as const;
  const DAYS = [11, "0-1:11.0.2.255", 2] as const;
  const day = (date: string) => `0101020312000109 05${date}1101`.replaceAll(" ", "");
  const u32 = (value: number) => `06${value.toString(16).padStart(8, "0")}`;
  const supplier = { code: 0x4c, originator: SUPPLIER };
  const operator = { code: 0xd1, originator: NETWORK_OPERATOR };
  const prepayment = { code: 0xde, originator: SUPPLIER, signed: true };

  test.each([
    ["an MPAN of 13 digits", supplier, MPAN, `090d${"31".repeat(13)}`, 0],
    ["one of 12", supplier, MPAN, `090c${"31".repeat(12)}`, 3],
    ["one with a letter", supplier, MPAN, `090d${"31".repeat(12)}41`, 3],
    ["a threshold of 1000 V", operator, EXTREME, u32(1_000), 0],
    ["one of 1001 V", operator, EXTREME, u32(1_001), 3],
    ["an average over a day", operator, PERIOD, u32(86_400), 0],
    ["one over more", operator, PERIOD, u32(86_401), 3],
    ["a special day every year", prepayment, DAYS, day("ffff0c19ff"), 0],
    ["one on each first Monday's date", prepayment, DAYS, day("ffffff0101"), 0],
    ["one on the last of each month", prepayment, DAYS, day("fffffffeff"), 0],
    ["one in month 13", prepayment, DAYS, day("ffff0d01ff"), 3],
    ["one on 30 February", prepayment, DAYS, day("ffff021eff"), 3],
    ["one on the eighth day of the week", prepayment, DAYS, day("ffff010108"), 3],
  ] as const)("%s", (_, of, set, data, result) => {
    const esme = meter();
    const done = answer(esme, AT, commandOf(KEYS, { ...of, meter: METER, counter: 1n, items: [{ set, data }] }), RING);
    if (done.kind !== "answered") throw new Error(done.reason);
    expect(openResponse(KEYS, done.bytes).results).toEqual([result]);
  });
});

test("what a command sets twice is set twice: planned for now, it holds before the plan is cancelled", () => {
  const charge = "020302020f000ffb02031200000906000000000000" + "0f00010102020900104e20";
  const moment = (nine: string) => `090c${nine.repeat(9)}8000ff`;
  const standing = (attribute: number, data: string) => ({ set: [113, "0-0:19.20.4.255", attribute], data }) as const;
  const items = [standing(6, charge), standing(7, moment("00")), standing(7, moment("ff"))];
  const command = { code: 0xa2, originator: SUPPLIER, meter: METER, counter: 1n, items, signed: true };
  const done = answer(meter(), AT, commandOf(KEYS, command), RING);
  if (done.kind !== "answered") throw new Error(done.reason);
  expect(openResponse(KEYS, done.bytes).results).toEqual([0, 0, 0]);
  const held = { valueCurrent: 20_000, valueNext: null, activateNextDateTime: null };
  expect(done.esme.state.standingCharge).toEqual(held);
});
