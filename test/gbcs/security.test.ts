// What keys do, held against the official messages: every MAC, signature and encrypted payload that the published test keys reach.

import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { keyringOfKeystore } from "../../host/adapters/keys/keystore-file.js";
import { type Decoded, decodeMessage, type Eui } from "../../host/gbcs/frame.js";
import type { Keyring } from "../../host/gbcs/keyring.js";
import {
  deriveKey,
  ENCRYPTION,
  macIsRight,
  macOf,
  open,
  seal,
  signatureIsRight,
  signatureOf,
} from "../../host/gbcs/security.js";
import { type ReferenceMessage, reference, WHERE } from "./reference.js";

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const BROKER = "90b3d51f30000002";
const SUPPLIER = "90b3d51f30010000";
const METER = "00db1234567890a0";

/** A copy with the lowest bit of one octet changed. */
function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function* tampered(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield flipped(bytes, at);
}

describe("what is sealed", () => {
  const key = bytesOf("000102030405060708090a0b0c0d0e0f");
  const plain = bytesOf("02021200050600000001");

  test("opens to what it was, under its key and originator only", () => {
    const sealed = seal(key, METER, plain);
    expect(hexOf(sealed.subarray(0, 5))).toBe("3100000000");
    expect(open(key, METER, sealed)).toEqual(Buffer.from(plain));
    expect(open(new Uint8Array(16), METER, sealed)).toBe(null);
    expect(open(key, SUPPLIER, sealed)).toBe(null);
  });

  test("does not open with any octet changed, or cut short at any place", () => {
    const sealed = seal(key, METER, plain);
    for (const changed of tampered(sealed)) expect(open(key, METER, changed)).toBe(null);
    for (let length = 0; length < sealed.length; length++)
      expect(open(key, METER, sealed.subarray(0, length))).toBe(null);
  });
});

test("a key depends on everything that it is derived from", () => {
  const secret = new Uint8Array(32).fill(7);
  const keys = [
    deriveKey(secret, METER, 2, 5n, SUPPLIER),
    deriveKey(new Uint8Array(32), METER, 2, 5n, SUPPLIER),
    deriveKey(secret, BROKER, 2, 5n, SUPPLIER),
    deriveKey(secret, METER, 1, 5n, SUPPLIER),
    deriveKey(secret, METER, 2, 6n, SUPPLIER),
    deriveKey(secret, METER, 2, 5n, BROKER),
  ].map(hexOf);
  expect(new Set(keys).size).toBe(keys.length);
  expect(hexOf(deriveKey(secret, METER, 2, 5n, SUPPLIER))).toBe(keys[0]);
});

test("a signature is 64 octets, and right for its key and its octets only", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
  const signed = bytesOf("0902000000000000");
  const signature = signatureOf(privateKey, signed);
  expect(signature).toHaveLength(64);
  expect(signatureIsRight(publicKey, signed, signature)).toBe(true);
  expect(signatureIsRight(other, signed, signature)).toBe(false);
  for (const changed of tampered(signed)) expect(signatureIsRight(publicKey, changed, signature)).toBe(false);
  for (const changed of tampered(signature)) expect(signatureIsRight(publicKey, signed, changed)).toBe(false);
  for (const length of [0, 1, 63])
    expect(signatureIsRight(publicKey, signed, signature.subarray(0, length))).toBe(false);
});

describe.skipIf(reference === null)(reference === null ? WHERE : "of the official messages", () => {
  const file = fileURLToPath(new URL("../../../shared/gbcs/keystore.json", import.meta.url));
  const keyrings = new Map<Eui, Keyring>();
  const keyringOf = (meter: Eui): Keyring => {
    const kept = keyrings.get(meter);
    if (kept !== undefined) return kept;
    const made = keyringOfKeystore(file, meter);
    if (!made.ok) throw new Error(made.reason);
    keyrings.set(meter, made.keyring);
    return made.keyring;
  };

  interface Known {
    readonly name: string;
    readonly useCase: string;
    readonly kind: ReferenceMessage["kind"];
    readonly bytes: Uint8Array;
    readonly decoded: Decoded & { ok: true };
    /** The device that is one end of it. */
    readonly meter: Eui;
  }
  const known: readonly Known[] = (reference?.messages ?? []).map(({ name, useCase, kind, hex }) => {
    const bytes = bytesOf(hex);
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) throw new Error(`${name}: ${decoded.fault}`);
    const { cra, originator, recipient } = decoded.message;
    return { name, useCase, kind, bytes, decoded, meter: cra === 1 ? recipient : originator };
  });

  /** A command's secret is the access control broker's, whoever its originator is; the rest of the key is the originator's. */
  function macKey({ decoded, meter }: Known): Uint8Array {
    const { cra, counter, originator, recipient } = decoded.message;
    const secret = keyringOf(meter).secretWith(cra === 1 ? BROKER : recipient);
    if (secret === null) throw new Error(`no secret of ${meter} with ${recipient}`);
    return deriveKey(secret, originator, cra, counter, recipient);
  }

  const maced = known.filter(({ decoded }) => decoded.message.mac !== null);
  test("every MAC is computed to the octet, of the 144 answers of the electricity meter's use cases too", () => {
    for (const one of maced) {
      const { message, authenticated } = one.decoded;
      const mac = macOf(macKey(one), message.originator, authenticated);
      expect(hexOf(mac), one.name).toBe(hexOf(message.mac ?? new Uint8Array(0)));
    }
    const answers = maced.filter(({ kind, useCase }) => kind === "response" && useCase.startsWith("ECS"));
    expect(answers).toHaveLength(144);
    expect(maced.filter(({ kind }) => kind === "command")).toHaveLength(288);
  });

  test("no octet of a MACed message can be changed unseen", () => {
    const one = maced.find(({ name }) => name === "ECS52_11.2_SUCCESS_COMMAND") as Known;
    const key = macKey(one);
    let seen = 0;
    for (const changed of tampered(one.bytes)) {
      const decoded = decodeMessage(changed);
      const right =
        decoded.ok &&
        decoded.message.mac !== null &&
        macIsRight(key, one.decoded.message.originator, decoded.authenticated, decoded.message.mac);
      expect(right, `octet ${seen}`).toBe(false);
      seen++;
    }
    expect(seen).toBe(one.bytes.length);
  });

  test("all 321 signatures verify under their signers' published keys, and not with an octet changed", () => {
    let verified = 0;
    const without = new Set<Eui>();
    for (const { name, decoded, meter } of known) {
      const { originator, signature } = decoded.message;
      const { ds } = reference?.keystore[originator] ?? {};
      if (signature === null) continue;
      if (ds === undefined) {
        without.add(originator);
        continue;
      }
      const jwk = { kty: "EC", crv: "P-256", x: Buffer.from(ds.x, "hex").toString("base64url"), y: "" };
      const publicKey = createPublicKey({
        key: { ...jwk, y: Buffer.from(ds.y, "hex").toString("base64url") },
        format: "jwk",
      });
      expect(signatureIsRight(publicKey, decoded.signed, signature), name).toBe(true);
      // A remote party is known to a meter's keyring; another device is not.
      expect(keyringOf(meter).verify(originator, decoded.signed, signature), name).toBe(originator !== meter);
      const changed = flipped(decoded.signed, verified % decoded.signed.length);
      expect(signatureIsRight(publicKey, changed, signature), name).toBe(false);
      verified++;
    }
    expect({ verified, without: [...without] }).toEqual({ verified: 321, without: [] });
  });

  /** An octet string of the content that begins as what is sealed does: 09, its length, 31 00 00 00 00. */
  function sealedIn(content: Uint8Array): Uint8Array | null {
    const at = Buffer.from(content).indexOf(Buffer.from("3100000000", "hex"));
    for (const octets of [1, 2, 3]) {
      const tag = at - octets - 1;
      const length = content.subarray(at - octets, at);
      const says =
        octets === 1 ? length[0] : length[0] === 0x7f + octets ? length.slice(1).reduce((n, o) => n * 256 + o, 0) : -1;
      if (tag >= 0 && content[tag] === 9 && says !== undefined && says > 16 && at + says <= content.length)
        return content.subarray(at, at + says);
    }
    return null;
  }

  test("the 17 encrypted payloads decrypt, seal to the same octets, and do not open with an octet changed", () => {
    const found: string[] = [];
    for (const { name, kind, decoded, meter } of known) {
      const sealed = kind === "command" || kind === "precommand" ? null : sealedIn(decoded.message.content);
      if (sealed === null) continue;
      const { supplementary, counter, recipient } = decoded.message;
      const to = supplementary?.originatorCounter == null ? recipient : supplementary.party;
      const secret = keyringOf(meter).secretWith(to);
      if (secret === null) throw new Error(name);
      const key = deriveKey(secret, meter, ENCRYPTION, supplementary?.originatorCounter ?? counter, to);
      const plain = open(key, meter, sealed);
      expect(plain?.[0], name).toBe(2);
      expect(hexOf(seal(key, meter, plain ?? new Uint8Array(0))), name).toBe(hexOf(sealed));
      const changed = flipped(sealed, 5 + found.length);
      expect(open(key, meter, changed), name).toBe(null);
      found.push(name);
    }
    expect(found).toHaveLength(17);
  });

  describe("the certificate of an unknown remote party", () => {
    const command = known.find(({ name }) => name === "ECS21b_4.14_URP_SUCCESS_COMMAND");
    const certificate = command?.decoded.message.supplementary?.certificate ?? new Uint8Array(0);

    test("gives the secret of the party that it names, and of no other", () => {
      const keyring = keyringOf(METER);
      expect(keyring.secretWithCertificate(SUPPLIER, certificate)).toEqual(keyring.secretWith(SUPPLIER));
      expect(keyring.secretWithCertificate("90b3d51f30020000", certificate)).toBe(null);
    });

    test("is refused, never a throw, cut short anywhere or with any octet changed that names the party, the key or its use", () => {
      const keyring = keyringOf(METER);
      for (let length = 0; length < certificate.length; length++)
        expect(keyring.secretWithCertificate(SUPPLIER, certificate.subarray(0, length))).toBe(null);
      const text = hexOf(certificate);
      const secret = hexOf(keyring.secretWith(SUPPLIER) ?? new Uint8Array(0));
      for (const [what, octets] of [
        ["its name", SUPPLIER],
        ["its key usage", "551d0f0101ff040403020308"],
      ] as const) {
        expect(text, what).toContain(octets);
        const changed = bytesOf(text.replace(octets, `${octets.slice(0, -1)}${octets.endsWith("8") ? "0" : "1"}`));
        expect(keyring.secretWithCertificate(SUPPLIER, changed), what).toBe(null);
      }
      for (const changed of tampered(certificate)) {
        const found = keyring.secretWithCertificate(SUPPLIER, changed);
        expect([null, secret]).toContain(found === null ? null : hexOf(found));
      }
    });
  });

  test("the published parties have the roles that their certificates in the messages give them", () => {
    const keyring = keyringOf(METER);
    expect(keyring.accessControlBroker).toBe(BROKER);
    expect(keyring.holderOf("supplier")).toBe(SUPPLIER);
    expect(keyring.holderOf("root")).toBe(null);
    const roles = ["90b3d51f30000001", BROKER, "90b3d51f30000004", "90b3d51f30000007", SUPPLIER, "90b3d51f30010008"];
    expect(roles.map((eui) => keyring.roleOf(eui))).toEqual([
      "recovery",
      "accessControlBroker",
      "transitionalCoS",
      "wanProvider",
      "supplier",
      "loadController",
    ]);
    expect(keyring.roleOf("90b3d51f30020000")).toBe("networkOperator");
    expect(keyring.roleOf(METER)).toBe(null);
    expect(keyring.secretWith(METER)).toBe(null);
  });

  test("the meter signs with a key of this process, told by its public half", () => {
    const made = keyringOfKeystore(file, METER);
    if (!made.ok) throw new Error(made.reason);
    const { signingKey, sign } = made.keyring;
    const [x, y] = [signingKey.x, signingKey.y].map((digits) => Buffer.from(digits, "hex").toString("base64url"));
    const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, format: "jwk" });
    const signed = bytesOf("0902");
    expect(signingKey.ofItsOwn).toBe(true);
    expect(verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, sign(signed))).toBe(true);
  });
});

describe("a file of keys is refused, with the place and the rule, when", () => {
  const folder = mkdtempSync(join(tmpdir(), "esme-keystore-"));
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const digits = (text = "") => Buffer.from(text, "base64url").toString("hex");
  const { x, y, d } = privateKey.export({ format: "jwk" });
  const point = { x: digits(x), y: digits(y) };
  let files = 0;
  function refusal(content: unknown): string {
    const path = join(folder, `${++files}.json`);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    const made = keyringOfKeystore(path, METER);
    return made.ok ? "it is read" : made.reason;
  }

  test.each<[string, unknown, RegExp]>([
    ["it is no JSON", "{", /JSON/],
    ["it is no object", "[]", /the file: /],
    ["a name is no EUI-64", { "90b3": {} }, /90b3/],
    ["a key lacks a coordinate", { [METER]: { ka: { x: point.x } } }, /00db1234567890a0\.ka\.y: /],
    [
      "a coordinate is too short",
      { [METER]: { ka: { ...point, x: "00" } } },
      /00db1234567890a0\.ka\.x: 64 hexadecimal digits/,
    ],
    ["there is a key of another use", { [METER]: { kx: point } }, /00db1234567890a0: .*kx/],
    ["a role is none", { [METER]: { role: "butler" } }, /00db1234567890a0\.role: /],
    ["the meter is not in it", { [SUPPLIER]: { ka: point } }, /00db1234567890a0: this meter has no key-agreement key/],
    [
      "a point is not on the curve",
      { [METER]: { ka: { ...point, y: point.x } } },
      /00db1234567890a0\.ka: .*no point of P-256/,
    ],
    [
      "a private key is not that of its point",
      { [METER]: { ka: { ...point, testScalar: `${"0".repeat(63)}1` } } },
      /00db1234567890a0\.ka: testScalar is not the private key/,
    ],
    [
      "a party's point is not on the curve",
      { [METER]: { ka: point }, [SUPPLIER]: { ds: { ...point, y: point.x } } },
      /90b3d51f30010000\.ds: /,
    ],
    ["it is larger than any", `"${"0".repeat(4 * 1_024 * 1_024)}"`, /more than any file of keys/],
  ])("%s", (_why, content, reason) => {
    expect(refusal(content)).toMatch(reason);
  });

  test("a meter with its own private keys agrees with whoever has the other half, and signs with its own", () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const theirs = other.privateKey.export({ format: "jwk" });
    const party = { x: digits(theirs.x), y: digits(theirs.y) };
    const path = join(folder, "both.json");
    const own = { ...point, testScalar: digits(d) };
    writeFileSync(
      path,
      JSON.stringify({ [METER]: { ka: own, ds: own }, [SUPPLIER.toUpperCase()]: { role: "supplier", ka: party } }),
    );
    const made = keyringOfKeystore(path, METER);
    if (!made.ok) throw new Error(made.reason);
    writeFileSync(
      path,
      JSON.stringify({ [METER]: { ka: point }, [SUPPLIER]: { ka: { ...party, testScalar: digits(theirs.d) } } }),
    );
    const seen = keyringOfKeystore(path, METER);
    if (!seen.ok) throw new Error(seen.reason);
    expect(made.keyring.secretWith(SUPPLIER)).toEqual(seen.keyring.secretWith(SUPPLIER));
    expect(made.keyring.secretWith(SUPPLIER)).toHaveLength(32);
    expect(made.keyring.signingKey).toEqual({ ...point, ofItsOwn: false });
    const signed = bytesOf("09020304");
    expect(signatureIsRight(publicKey, signed, made.keyring.sign(signed))).toBe(true);
  });
});
