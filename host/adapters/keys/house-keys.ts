// The keys of a house, its folder `keys`: the meter's two pairs with their certificates, who issued them, whom the meter trusts.
//
//   digital-signature.key .crt   key-agreement.key .crt   authority.key .crt     PEM
//   parties.json                 remote parties by EUI-64: role and public points
//   laboratory/keystore.json     parties made here, with their private keys: for a bench or a gateway, never read by the meter

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Eui } from "../../gbcs/frame.js";
import type { Keyring } from "../../gbcs/keyring.js";
import type { Refusal } from "../../ports/store.js";
import { readCertificate } from "./certificate.js";
import type { Use } from "./issue.js";
import { keyringOf, type MeterKeys } from "./keyring.js";
import { partiesOf, readKeystore } from "./keystore.js";

export const FILES = {
  digitalSignature: "digital-signature",
  keyAgreement: "key-agreement",
  authority: "authority",
  parties: "parties.json",
  laboratory: join("laboratory", "keystore.json"),
} as const;

export function keysDir(house: string): string {
  return join(house, "keys");
}

/** Also where it is a link that leads nowhere: a meter that had keys must not go on unsigned. */
export function hasKeys(house: string): boolean {
  return lstatSync(keysDir(house), { throwIfNoEntry: false }) !== undefined;
}

/** A house without keys that a renewal cut short left so: where they are, and what to do; null: it has keys, or never had any. */
export function keysAside(house: string): Refusal | null {
  if (hasKeys(house) || !existsSync(house)) return null;
  const aside = readdirSync(house).findLast((name) => name.startsWith("keys-before-"));
  if (aside === undefined) return null;
  return {
    ok: false,
    code: "keys-aside",
    reason: `${house} has no keys, but those that a renewal cut short put aside`,
    next: `rename ${join(house, aside)} to ${keysDir(house)}, then go on`,
  };
}

/** The keyring of the meter of a house. */
export function houseKeyring(house: string): { readonly ok: true; readonly keyring: Keyring } | Refusal {
  const meter = meterKeys(house);
  if (!meter.ok) return meter;
  const path = join(keysDir(house), FILES.parties);
  const read = readKeystore(path);
  if (!read.ok) return brokenParties(read.reason);
  const parties = partiesOf(read.keystore);
  if ("rule" in parties) return brokenParties(`${path}: ${parties.place}: ${parties.rule}`);
  const brokers = [...parties.values()].filter(({ role }) => role === "accessControlBroker").length;
  if (brokers > 1) return brokenParties(`${path}: ${brokers} access control brokers; a meter has one`);
  return { ok: true, keyring: keyringOf(meter.keys, parties) };
}

export function meterKeys(house: string): { readonly ok: true; readonly keys: MeterKeys } | Refusal {
  if (!hasKeys(house))
    return { ok: false, code: "no-keys", reason: `${house} has no keys yet`, next: "`esme commission` makes them" };
  const signing = pairIn(keysDir(house), "digitalSignature");
  if (typeof signing === "string") return broken(signing);
  const agreement = pairIn(keysDir(house), "keyAgreement");
  if (typeof agreement === "string") return broken(agreement);
  const { identity } = signing;
  if (agreement.identity !== identity)
    return broken(`its certificates name two meters, ${identity} and ${agreement.identity}`);
  return { ok: true, keys: { identity, signing: signing.key, agreement: agreement.key } };
}

/** A private key and whom its certificate names, or what is wrong. */
function pairIn(dir: string, use: Use): { readonly key: KeyObject; readonly identity: Eui } | string {
  const path = join(dir, FILES[use]);
  const key = fileOf(`${path}.key`, (pem) => createPrivateKey(pem), "no private key");
  if (typeof key === "string") return key;
  const certificate = fileOf(`${path}.crt`, (pem) => new X509Certificate(pem), "no certificate");
  if (typeof certificate === "string") return certificate;
  const read = readCertificate(certificate.raw);
  if (read?.[use] !== true || read.names === null) return `${path}.crt: no certificate of a meter for that use`;
  if (!read.publicKey.equals(createPublicKey(key))) return `${path}.crt: it is not of the key beside it`;
  return { key, identity: read.names };
}

/** What a file holds, or why it does not. */
function fileOf<T>(path: string, made: (pem: Buffer) => T, none: string): T | string {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (error) {
    return `${path}: ${(error as Error).message}`;
  }
  try {
    return made(pem);
  } catch {
    return `${path}: ${none} in PEM`;
  }
}

/** Whom the meter trusts cannot be read: its own keys need no renewal for that. */
export function brokenParties(reason: string): Refusal {
  return {
    ok: false,
    code: "keys-broken",
    reason,
    next: "put back a copy of it, or remove it and name the parties again: `esme commission --parties FILE`",
  };
}

function broken(reason: string): Refusal {
  return {
    ok: false,
    code: "keys-broken",
    reason,
    next: "put back a copy of the folder, or make new keys: `esme commission --renew --identity <EUI-64>`",
  };
}
