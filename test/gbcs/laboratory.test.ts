// The laboratory held against the official messages: what it makes is what was published, and what the meters answered, it opens.

import { describe, expect, test } from "vitest";
import { decodeMessage } from "../../host/gbcs/frame.js";
import { decodeAccessRequest } from "../../host/wire/dlms/access.js";
import { BROKER, commandOf, LOAD_CONTROLLER, NETWORK_OPERATOR, octets, openResponse, SUPPLIER } from "./laboratory.js";
import { pairs, reference, WHERE } from "./reference.js";

describe.skipIf(reference === null)(`the laboratory (${WHERE})`, () => {
  const { messages = [], keystore = {} } = reference ?? {};
  const named = (name: string) => messages.find((one) => one.name === name)?.hex.toLowerCase() ?? "";
  const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const meter = "00db1234567890a0";

  test.each([
    [
      "ECS17b_4.1.1_SINGLE_SUCCESS_COMMAND",
      {
        code: 0x27,
        originator: SUPPLIER,
        counter: 1000n,
        items: [{ read: "0-0:43.2.8.255", of: [[1, "0-0:94.44.34.10", 2]] }],
      },
    ],
    [
      "ECS22b_4.8.1_SINGLE_SUCCESS_COMMAND",
      {
        code: 0x37,
        originator: SUPPLIER,
        counter: 1002n,
        items: [
          {
            read: "0-0:43.2.7.255",
            of: [
              {
                attribute: [7, "0-0:99.1.0.255", 2],
                range: [new Date("2014-12-31T00:00:00Z"), new Date("2015-01-01T00:00:00Z")],
              },
            ],
          },
        ],
      },
    ],
    [
      "ECS22a_4.8.3_SUCCESS_COMMAND",
      {
        code: 0x36,
        originator: NETWORK_OPERATOR,
        counter: 1201n,
        items: [
          {
            get: [7, "0-0:99.1.1.255", 2],
            range: [new Date("2014-10-01T09:30:00Z"), new Date("2014-10-02T09:30:00Z")],
          },
        ],
      },
    ],
  ] as const)("makes %s, octet for octet", (name, command) => {
    const made = hexOf(commandOf(keystore, { ...command, meter }));
    expect(made.length).toBe(named(name).length);
    expect(made).toBe(named(name));
  });

  test("signs and MACs a pre-command to what its command is, but for the signature", () => {
    expect([BROKER, LOAD_CONTROLLER].every((eui) => keystore[eui]?.ka?.testScalar !== undefined)).toBe(true);
    const published = named("ECS70_6.11_SUCCESS_COMMAND");
    const read = decodeMessage(octets(published));
    if (!read.ok) throw new Error(read.fault);
    const { message } = read;
    const made = commandOf(keystore, {
      code: message.messageCode,
      originator: message.originator,
      meter: message.recipient,
      counter: message.counter,
      content: hexOf(message.content),
      signed: true,
    });
    expect(decodeAccessRequest(message.content).ok).toBe(true);
    // Signature and MAC are the last 76 octets.
    expect(hexOf(made).slice(0, -152)).toBe(published.slice(0, -152));
    expect(made.length).toBe(published.length / 2);
  });

  test("opens every response of the electricity meter's use cases, each of them authentic", () => {
    const dlms = pairs(messages);
    for (const { name, response } of dlms) {
      const opened = openResponse(keystore, octets(response.hex));
      expect({ name, authentic: opened.authentic, cra: opened.cra }).toEqual({ name, authentic: true, cra: 2 });
      expect(opened.results.length, name).toBeGreaterThan(0);
    }
    expect(dlms.length).toBeGreaterThan(200);
  });

  test("finds a response that was changed not authentic, or no response", () => {
    const response = octets(named("ECS52_11.2_SUCCESS_RESPONSE"));
    for (let at = 0; at < response.length; at++) {
      const changed = response.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      let authentic = false;
      try {
        ({ authentic } = openResponse(keystore, changed));
      } catch {
        // No response at all.
      }
      expect(authentic, `octet ${at}`).toBe(false);
    }
  });
});
