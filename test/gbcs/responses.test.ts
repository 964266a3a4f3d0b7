// The meter answers the official commands as the official responses do: its state is derived from a pair as a snapshot in SMETS names,
// written as JSON, read again, and the answer of that meter is held against the response, octet for octet.

import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyringOfKeystore, type TestKeyring } from "../../host/adapters/keys/keystore-file.js";
import { esmeOfPartial, partialOf } from "../../host/document/partial.js";
import { answer } from "../../host/gbcs/answer.js";
import { bytesOfHex, hexOf } from "../../host/gbcs/codecs.js";
import { derive } from "../../host/gbcs/derive.js";
import { decodeMessage } from "../../host/gbcs/frame.js";
import { USE_CASES } from "../../host/gbcs/use-cases.js";
import { KEYSTORE, pairs, type ReferencePair, reference, WHERE } from "./reference.js";

/** Responses that ours differ from, and why. */
const OTHERWISE: { readonly [name: string]: string } = {
  "ECS47Activate_7.5_SUCCESS": "an older form: a period in minutes where later ones name its start and its end",
  "ECS47Deactivate_7.6_SUCCESS": "the same",
};

/** r and s, in hexadecimal. */
const SIGNATURE = 128;

describe.skipIf(reference === null)(`the official responses${reference === null ? ` (${WHERE})` : ""}`, () => {
  const all = pairs(reference?.messages ?? []);
  const isSigned = ({ response }: ReferencePair) => response.hex.startsWith("DF");
  const keyrings = new Map<string, TestKeyring>();
  const results = new Map(all.map((pair) => [pair.name, identical(pair)]));

  it("are 144 under a MAC, of which 65 are errors, and 97 signed, of which 34 are", () => {
    const errors = (some: readonly ReferencePair[]) => some.filter(({ name }) => name.includes("ERROR")).length;
    const signed = all.filter(isSigned);
    expect([all.length - signed.length, errors(all) - errors(signed)]).toEqual([144, 65]);
    expect([signed.length, errors(signed)]).toEqual([97, 34]);
  });

  it.each(all.filter((pair) => !isSigned(pair)))("$name", ({ name }) => {
    expect(results.get(name)).toBe("identical");
  });

  it.each(all.filter(isSigned))("$name, up to the signature, which is right", ({ name }) => {
    if (name in OTHERWISE) expect(results.get(name)).toMatch(/^differs/);
    else expect(results.get(name)).toBe("identical");
  });

  it("stand in docs/spec/gbcs-results.md as they are", async () => {
    await expect(pageOf(all, results)).toMatchFileSnapshot("../../docs/spec/gbcs-results.md");
  });

  function keyringOf(identity: string): TestKeyring {
    const known = keyrings.get(identity);
    if (known !== undefined) return known;
    const read = keyringOfKeystore(KEYSTORE, identity);
    if (!read.ok) throw new Error(read.reason);
    keyrings.set(identity, read.keyring);
    return read.keyring;
  }

  function identical(pair: ReferencePair): string {
    const command = bytesOfHex(pair.command.hex);
    const response = bytesOfHex(pair.response.hex);
    const decoded = decodeMessage(command);
    if (!decoded.ok) return `differs: the command is ${decoded.fault}`;
    const keyring = keyringOf(decoded.message.recipient);
    const derived = derive(command, response, keyring);
    if (!derived.ok) return `differs: not derived, ${derived.code}: ${derived.reason}`;
    const { draft, failItem } = derived;
    const learnt = partialOf(draft.learnt());
    const read = esmeOfPartial(JSON.parse(JSON.stringify(learnt)));
    if (!read.ok) return `differs: not read, ${read.code}: ${read.reason}`;
    const done = answer(read.esme, read.at, command, keyring, failItem === null ? {} : { failItem });
    if (done.kind === "silent") return `differs: silent, ${done.code}: ${done.reason}`;
    const [ours, theirs] = [hexOf(done.bytes), pair.response.hex.toLowerCase()];
    if (!isSigned(pair)) return ours === theirs ? "identical" : `differs: ${ours}`;
    if (ours.length !== theirs.length || ours.slice(0, -SIGNATURE) !== theirs.slice(0, -SIGNATURE))
      return `differs: ${ours}`;
    return isRight(done.bytes, keyring) ? "identical" : "differs: its signature is not right";
  }
});

/** Under the key that the test's meter signs with, by node's own verification. */
function isRight(bytes: Uint8Array, { signingKey }: TestKeyring): boolean {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok || decoded.message.signature === null) return false;
  const coordinate = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
  const key = { kty: "EC", crv: "P-256", x: coordinate(signingKey.x), y: coordinate(signingKey.y) };
  const publicKey = createPublicKey({ key, format: "jwk" });
  const { signature } = decoded.message;
  return verify("sha256", decoded.signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
}

const HEAD = `# Held against the official messages

Each official pair of a command and its response, Reference Test Data Set 4.5.0: \`esme gbcs state\` derives a snapshot from it, \`esme gbcs
respond\` answers the command by that snapshot, and the answer is compared with the response octet for octet, MAC and ciphertext
included; of a signed one (s) up to its signature, which is right under the test's own key. This page is made by
\`test/gbcs/responses.test.ts\`, which fails where it is not so any more.

| use case | what | identical | errors identical | not, and why |
|---|---|---|---|---|
`;

function pageOf(all: readonly ReferencePair[], results: ReadonlyMap<string, string>): string {
  const names = [...new Set(all.map(({ useCase }) => useCase))];
  const rows = names.map((name) => {
    const of = all.filter(({ useCase }) => useCase === name);
    const [errors, successes] = [of.filter(isError), of.filter((pair) => !isError(pair))];
    const count = (some: readonly ReferencePair[]) =>
      some.length === 0
        ? ""
        : `${some.filter((pair) => results.get(pair.name) === "identical").length} of ${some.length}`;
    const why = of.filter((pair) => results.get(pair.name) !== "identical").map((pair) => OTHERWISE[pair.name] ?? "?");
    const title = USE_CASES.find(
      (row) => row.name === name.replace(/(Commission|Add|Remove|Activate|Deactivate|Reset)$/, ""),
    )?.title;
    const signed = of[0]?.response.hex.startsWith("DF") ? " (s)" : "";
    return `| ${name}${signed} | ${title ?? ""} | ${count(successes)} | ${count(errors)} | ${[...new Set(why)].join("; ")} |`;
  });
  const identical = [...results.values()].filter((result) => result === "identical").length;
  return `${HEAD}${rows.join("\n")}\n\nTogether ${identical} of ${all.length}.\n`;
}

function isError({ name }: ReferencePair): boolean {
  return name.includes("ERROR");
}
