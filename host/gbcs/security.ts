// What keys do to a message: derivation, MAC, encryption, signature. docs/spec/gbcs.md, "Security". Static ECDH on P-256, AES-128-GCM with
// 12-octet tags, ECDSA with SHA-256.

import { createCipheriv, createDecipheriv, hash, type KeyObject, sign, timingSafeEqual, verify } from "node:crypto";
import { assert } from "../ledger/assert.js";
import { type Eui, MAC, putEui } from "./frame.js";

/** What a key is for: the MAC of a command, a response or an alert (its CRA octet), or encryption. */
export type KeyUse = 1 | 2 | 3 | 4;
export const ENCRYPTION: KeyUse = 4;

const GCM = "aes-128-gcm";
const TAG = { authTagLength: MAC } as const;
const SECRET = 32;
/** The single-step derivation's counter, 1; where the secret goes; AES-128-GCM's identifier. */
const DERIVATION = new Uint8Array([0, 0, 0, 1, ...new Uint8Array(SECRET), 0x60, 0x85, 0x74, 0x06, 0x08, 0x03, 0]);

/**
 * `originator`, `counter` and `recipient` are the message's. The secret of a command's MAC is that of the Access Control Broker and the
 * meter, whoever the originator is; that of an answer's is the meter's and the recipient's.
 *
 * 16 octets: SHA-256 of 1 | Z | algorithm | originator | 09 use counter | recipient, its first half.
 */
export function deriveKey(
  secret: Uint8Array,
  originator: Eui,
  use: KeyUse,
  counter: bigint,
  recipient: Eui,
): Uint8Array {
  assert(secret.length === SECRET, "a shared secret of P-256 has 32 octets");
  const info = DERIVATION.length;
  const input = new Uint8Array(info + 26);
  input.set(DERIVATION);
  input.set(secret, 4);
  putEui(input, info, originator);
  input[info + 8] = 9;
  input[info + 9] = use;
  new DataView(input.buffer).setBigUint64(info + 10, counter);
  putEui(input, info + 18, recipient);
  return hash("sha256", input, "buffer").subarray(0, 16);
}

/** The 12 octets that end a message: GCM over nothing, with 11 | 00 x 5 | `authenticated` as additional data. */
export function macOf(key: Uint8Array, originator: Eui, authenticated: Uint8Array): Uint8Array {
  const covered = new Uint8Array(6 + authenticated.length);
  covered[0] = 0x11;
  covered.set(authenticated, 6);
  const cipher = createCipheriv(GCM, key, vectorOf(originator), TAG).setAAD(covered);
  cipher.final();
  return cipher.getAuthTag();
}

export function macIsRight(key: Uint8Array, originator: Eui, authenticated: Uint8Array, mac: Uint8Array): boolean {
  return mac.length === MAC && timingSafeEqual(macOf(key, originator, authenticated), mac);
}

const SEALED = new Uint8Array([0x31, 0, 0, 0, 0]);
const SEALED_COVERED = SEALED.subarray(0, 1);

/** 31 00 00 00 00 | ciphertext | tag. */
export function seal(key: Uint8Array, originator: Eui, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv(GCM, key, vectorOf(originator), TAG).setAAD(SEALED_COVERED);
  const sealed = new Uint8Array(SEALED.length + plain.length + MAC);
  sealed.set(SEALED);
  sealed.set(cipher.update(plain), SEALED.length);
  cipher.final();
  sealed.set(cipher.getAuthTag(), SEALED.length + plain.length);
  return sealed;
}

/** What `seal` sealed; null where the form or the tag is not right. */
export function open(key: Uint8Array, originator: Eui, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < SEALED.length + MAC || !SEALED.every((octet, index) => sealed[index] === octet)) return null;
  const decipher = createDecipheriv(GCM, key, vectorOf(originator), TAG).setAAD(SEALED_COVERED);
  decipher.setAuthTag(sealed.subarray(-MAC));
  const plain = decipher.update(sealed.subarray(SEALED.length, -MAC));
  try {
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}

/** ECDSA with SHA-256, r then s. */
export function signatureOf(privateKey: KeyObject, signed: Uint8Array): Uint8Array {
  return sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" });
}

export function signatureIsRight(publicKey: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  return verify("sha256", signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
}

/** Originator | 00 00 00 00: a key serves one message only, so the vector may always be the same. */
function vectorOf(originator: Eui): Uint8Array {
  const vector = new Uint8Array(12);
  putEui(vector, 0, originator);
  return vector;
}
