// The rows of the use cases against the table of use cases and the commands of the reference messages, read here by a parser of our own.

import { describe, expect, test } from "vitest";
import { ALERT_CODES, USE_CASES, type UseCase, useCaseOf } from "../../host/gbcs/use-cases.js";
import { type ReferenceItem, reference, WHERE } from "./reference.js";

const keyOf = (item: ReferenceItem) =>
  `${item.class}/${item.obis}/${item.attribute === undefined ? `M${item.method}` : `A${item.attribute}`}`;
const all = (row: UseCase) => [...row.reads, ...row.protectedReads, ...row.sets, ...row.acts];

describe("the rows", () => {
  test("have a name and a message code of their own", () => {
    expect(new Set(USE_CASES.map(({ code }) => code)).size).toBe(USE_CASES.length);
    expect(new Set(USE_CASES.map(({ name }) => name)).size).toBe(USE_CASES.length);
    for (const row of USE_CASES) expect(useCaseOf(row.code)).toBe(row);
    expect(useCaseOf(0xffff)).toBeNull();
    expect(USE_CASES.filter(({ code }) => ALERT_CODES.has(code))).toEqual([]);
  });

  test("read protected attributes only where a class-30 method is among what they may call", () => {
    for (const row of USE_CASES)
      expect([row.name, row.protectedReads.length > 0]).toEqual([
        row.name,
        row.acts.some((key) => /^30\/.*\/M1$/.test(key)),
      ]);
  });

  test("never touch one item in the same way twice, nor read in the open what they read protected", () => {
    for (const row of USE_CASES) {
      for (const keys of [[...row.reads, ...row.protectedReads], row.sets, row.acts])
        expect(new Set(keys).size).toBe(keys.length);
      expect(all(row).length).toBeGreaterThan(0);
    }
  });

  test("name methods where they act and attributes where they read and set", () => {
    for (const row of USE_CASES) {
      expect(row.acts.filter((key) => !/\/M\d+$/.test(key))).toEqual([]);
      expect([...row.reads, ...row.protectedReads, ...row.sets].filter((key) => !/\/A\d+$/.test(key))).toEqual([]);
    }
  });
});

describe.skipIf(reference === null)(reference === null ? WHERE : "against the table of use cases", () => {
  const listed = (reference?.useCases ?? []).filter(
    ({ useCase, messageType }) => useCase.startsWith("ECS") && messageType.startsWith("SME.C."),
  );
  const ROLES: { readonly [role: string]: string } = {
    Supplier: "supplier",
    "Network Operator": "networkOperator",
    "Access Control Broker": "accessControlBroker",
    "Load Controller": "loadController",
  };

  test("there are some 90 command use cases", () => expect(listed.length).toBeGreaterThan(85));

  test.each(listed)("$useCase has its code, roles, protection and items", (one) => {
    const row = useCaseOf(Number(one.messageCode));
    expect(row).not.toBeNull();
    if (row === null) return;
    expect(row.name).toBe(one.useCase);
    expect(row.sure).not.toBe("family");
    expect([...row.roles].sort()).toEqual(one.roles.map((role) => ROLES[role]).sort());
    expect(row.critical).toBe(one.messageType === "SME.C.C");
    expect(row.replayProtected).toBe(one.replayProtected === "Yes");
    expect(row.protectedReads.length > 0).toBe(one.encrypted);
    expect([...new Set(all(row))].sort()).toEqual([...new Set(one.items.map(keyOf))].sort());
  });

  test("every row that is not there says so", () => {
    const names = new Set(listed.map(({ useCase }) => useCase));
    for (const row of USE_CASES) expect([row.name, row.sure === "family"]).toEqual([row.name, !names.has(row.name)]);
  });
});

describe.skipIf(reference === null)(reference === null ? WHERE : "against the reference messages", () => {
  const messages = (reference?.messages ?? []).filter(({ useCase }) => useCase.startsWith("ECS")).map(read);
  const commands = messages.filter(({ kind }) => kind === "command");
  const responses = messages.filter(({ kind }) => kind === "response");

  test("every item of every command is one that its use case may touch in that way, and in the open", () => {
    expect(commands.length).toBeGreaterThan(230);
    for (const { code, name, items } of commands) {
      const row = useCaseOf(code);
      expect([name, row !== null]).toEqual([name, true]);
      if (row === null) continue;
      const may = { get: row.reads, set: row.sets, act: row.acts };
      expect([name, items.filter(({ what, key }) => !(may[what] as readonly string[]).includes(key))]).toEqual([
        name,
        [],
      ]);
    }
  });

  test("what a class-30 method is asked to protect is what its use case reads protected", () => {
    let asked = 0;
    for (const { code, name, hex, items } of commands) {
      if (!items.some(({ key }) => key.startsWith("30/"))) continue;
      for (const key of useCaseOf(code)?.protectedReads ?? []) {
        asked += 1;
        expect([name, key, hex.toLowerCase().includes(`12${classAndObis(key)}`)]).toEqual([name, key, true]);
      }
    }
    expect(asked).toBe(24);
  });

  test("a critical use case's command is signed, its response signed and without a MAC; others the other way round", () => {
    for (const { code, name, signed, mac, kind } of [...commands, ...responses]) {
      const critical = useCaseOf(code)?.critical;
      expect([name, signed]).toEqual([name, critical]);
      expect([name, mac]).toEqual([name, kind === "command" || !critical]);
    }
  });

  test("the response carries a date-time just where its row says so", () => {
    expect(responses.length).toBeGreaterThan(230);
    for (const { code, name, time } of responses) expect([name, time]).toEqual([name, useCaseOf(code)?.time]);
  });

  test("a row that claims reference messages has some, one of the table alone has none", () => {
    const seen = new Set(commands.map(({ code }) => code));
    for (const { name, code, sure } of USE_CASES) expect([name, seen.has(code)]).toEqual([name, sure !== "table"]);
  });

  test("what a row may touch beyond the reference commands, other controllers and class 30 aside, is nothing", () => {
    const touched = new Map<number, Set<string>>();
    for (const { code, items } of commands)
      touched.set(code, new Set([...(touched.get(code) ?? []), ...items.map(({ key }) => key)]));
    for (const row of USE_CASES.filter(({ sure }) => sure !== "table")) {
      const beyond = [...row.reads, ...row.sets, ...row.acts].filter((key) => !touched.get(row.code)?.has(key));
      expect([row.name, beyond.filter((key) => !/^1\/0-0:94\.44\.1(17|18|19|20|21)\.[1-4]\/A2$/.test(key))]).toEqual([
        row.name,
        [],
      ]);
    }
  });

  test("every alert's message code is known", () => {
    for (const { kind, code, name } of messages)
      if (kind === "alert") expect([name, ALERT_CODES.has(code)]).toEqual([name, true]);
  });
});

/** "7/0-0:99.1.0.255/A2" -> "0007" "0000630100ff" with the tags between them. */
function classAndObis(key: string): string {
  const [cosemClass = "", obis = ""] = key.split("/");
  const hex = (n: string) => Number(n).toString(16).padStart(2, "0");
  return `${Number(cosemClass).toString(16).padStart(4, "0")}0906${obis.split(/[-:.]/).map(hex).join("")}`;
}

/** As little of a message as these laws need. */
function read(message: { name: string; kind: string; hex: string }) {
  const bytes = Uint8Array.from(message.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const u16 = (at: number) => (byte(at) << 8) | byte(at + 1);
  const byte = (at: number) => bytes[at] ?? Number.NaN;
  const length = (at: number): [number, number] => {
    const n = byte(at);
    if (n < 128) return [n, at + 1];
    return n === 0x81 ? [byte(at + 1), at + 2] : [u16(at + 1), at + 3];
  };
  const mac = byte(0) === 0xdd;
  let at = mac ? length(7)[1] + 5 : 0;
  at += 29; // DF, 09 CRA counter, 08 originator, 08 recipient
  const time = byte(at) > 0;
  at += 1 + byte(at);
  const [other, code_at] = length(at);
  const code = u16(code_at);
  const [size, content_at] = length(code_at + other);
  const items: { readonly what: "get" | "set" | "act"; readonly key: string }[] = [];
  at = content_at;
  if (byte(at) === 0xd9) {
    const count = byte(at + 6);
    at += 7;
    for (let n = 0; n < count; n++) {
      const what = (["get", "set", "act", "get"] as const)[byte(at) - 1] ?? "get";
      const [a, b, c, d, e, f] = bytes.subarray(at + 3, at + 9);
      items.push({
        what,
        key: `${u16(at + 1)}/${a}-${b}:${c}.${d}.${e}.${f}/${what === "act" ? "M" : "A"}${byte(at + 9)}`,
      });
      // With selective access (4), the selector and what it selects follow.
      at += byte(at) === 4 ? 11 + selectionLength(bytes.subarray(at + 11)) : 10;
    }
  }
  return { ...message, mac, time, code, items, signed: byte(content_at + size) === 0x40 };
}

/** How long a value is: structures, octet strings, whole numbers, an empty array. */
function selectionLength(bytes: Uint8Array): number {
  const [tag = 0, n = 0] = bytes;
  if (tag === 1 || tag === 2) {
    let at = 2;
    for (let i = 0; i < n; i++) at += selectionLength(bytes.subarray(at));
    return at;
  }
  if (tag === 9) return 2 + n;
  return 1 + ({ 6: 4, 15: 1, 18: 2 }[tag] ?? Number.NaN);
}
