// A keyring made of keys in memory, wherever they were read from.

import type { KeyObject } from "node:crypto";
import type { Eui } from "../../gbcs/frame.js";
import type { Keyring } from "../../gbcs/keyring.js";
import { signatureIsRight, signatureOf } from "../../gbcs/security.js";
import { readCertificate } from "./certificate.js";
import type { Party } from "./keystore.js";
import { sharedSecret } from "./p256.js";

export interface MeterKeys {
  readonly identity: Eui;
  readonly signing: KeyObject;
  /** The private key, else the public one: then a secret comes of the remote party's private key, which gives the same. */
  readonly agreement: KeyObject;
}

export function keyringOf({ identity, signing, agreement }: MeterKeys, parties: ReadonlyMap<Eui, Party>): Keyring {
  const holderOf: Keyring["holderOf"] = (role) => {
    for (const [eui, party] of parties) if (party.role === role) return eui;
    return null;
  };
  const secretOf = (publicKey: KeyObject, privateKey: KeyObject | null): Uint8Array | null => {
    if (agreement.type === "private") return sharedSecret(agreement, publicKey);
    return privateKey === null ? null : sharedSecret(privateKey, agreement);
  };
  return {
    identity,
    accessControlBroker: holderOf("accessControlBroker"),
    roleOf: (party) => parties.get(party)?.role ?? null,
    holderOf,
    secretWith: (eui) => {
      const party = parties.get(eui);
      return party?.agreement ? secretOf(party.agreement, party.agreementPrivate) : null;
    },
    secretWithCertificate: (eui, der) => {
      const read = readCertificate(der);
      // Who issued it, and until when it was to be used, is not asked: the MAC of the message that brings it vouches for it.
      if (read === null || !read.keyAgreement || (read.names !== null && read.names !== eui)) return null;
      const known = parties.get(eui);
      const same = known?.agreement?.equals(read.publicKey) === true;
      return secretOf(read.publicKey, same ? (known?.agreementPrivate ?? null) : null);
    },
    verify: (eui, signed, signature) => {
      const key = parties.get(eui)?.signing ?? null;
      return key !== null && signatureIsRight(key, signed, signature);
    },
    sign: (signed) => signatureOf(signing, signed),
  };
}
