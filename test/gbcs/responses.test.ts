// The meter answers the official commands as the official responses do: its state is derived from a pair as a snapshot in SMETS names,
// written as JSON, read again, and the answer of that meter is held against the response, octet for octet.

import { describe, expect, it } from "vitest";
import { keyringOfKeystore, type TestKeyring } from "../../host/adapters/keys/keystore-file.js";
import { esmeOfPartial, partialOf } from "../../host/document/partial.js";
import { answer } from "../../host/gbcs/answer.js";
import { bytesOfHex, hexOf } from "../../host/gbcs/codecs.js";
import { derive } from "../../host/gbcs/derive.js";
import { decodeMessage } from "../../host/gbcs/frame.js";
import { KEYSTORE, pairs, type ReferencePair, reference, WHERE } from "./reference.js";

describe.skipIf(reference === null)(`the official responses (${WHERE})`, () => {
  const { messages = [] } = reference ?? {};
  const keyrings = new Map<string, TestKeyring>();
  const keyringFor = (command: string) => {
    const decoded = decodeMessage(bytesOfHex(command.toLowerCase()));
    const identity = decoded.ok ? decoded.message.recipient : "";
    const known = keyrings.get(identity) ?? made(identity);
    keyrings.set(identity, known);
    return known;
  };
  const made = (identity: string) => {
    const read = keyringOfKeystore(KEYSTORE, identity);
    if (!read.ok) throw new Error(read.reason);
    return read.keyring;
  };

  const all = pairs(messages);
  const signed = (pair: ReferencePair) => pair.response.hex.startsWith("DF");
  it.each(all.filter((pair) => !signed(pair)))("$name", (pair) => {
    expect(answered(pair)).toBe(pair.response.hex.toLowerCase());
  });
  it.each(all.filter(signed))("$name, up to the signature", (pair) => {
    const response = pair.response.hex.toLowerCase();
    const ours = answered(pair);
    expect(ours.slice(0, -128)).toBe(response.slice(0, -128));
    expect(ours.length).toBe(response.length);
  });

  function answered({ command, response }: ReferencePair): string {
    const keyring = keyringFor(command.hex);
    const octets = bytesOfHex(command.hex);
    const derived = derive(octets, bytesOfHex(response.hex), keyring);
    if (!derived.ok) return `not derived: ${derived.code}: ${derived.reason}`;
    const { draft, failItem } = derived;
    const learnt = {
      at: draft.at ?? draft.base.at,
      state: draft.touched(),
      live: draft.touchedLive(),
      registers: draft.registers,
      halfHours: draft.halfHours,
    };
    const json = JSON.stringify(partialOf(learnt));
    const read = esmeOfPartial(JSON.parse(json));
    if (!read.ok) return `not read: ${read.code}: ${read.reason}`;
    const done = answer(read.esme, read.at, octets, keyring, failItem === null ? {} : { failItem });
    return done.kind === "silent" ? `silent: ${done.code}: ${done.reason}` : hexOf(done.bytes);
  }
});
