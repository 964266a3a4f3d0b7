// The keys of a meter as the engine sees them: who is who, and what the meter's two private keys give. It never sees the keys themselves.

import type { Eui } from "./frame.js";

/** What a remote party whose keys the meter holds may be (GBCS: Remote Party Role). */
export const ROLES = [
  "root",
  "recovery",
  "supplier",
  "networkOperator",
  "accessControlBroker",
  "transitionalCoS",
  "wanProvider",
  "loadController",
] as const;
export type Role = (typeof ROLES)[number];

export interface Keyring {
  /** The meter's. */
  readonly identity: Eui;
  readonly accessControlBroker: Eui | null;
  /** Null: a remote party that the meter does not know. */
  roleOf(party: Eui): Role | null;
  /** Who is told what concerns that role; null where nobody has it. */
  holderOf(role: Role): Eui | null;
  /** ECDH between the meter's and that party's key-agreement keys, 32 octets; null where one of them is not known. */
  secretWith(party: Eui): Uint8Array | null;
  /** The same with the key of a certificate (DER); null unless it is a P-256 key for key agreement, and that party's. */
  secretWithCertificate(party: Eui, certificate: Uint8Array): Uint8Array | null;
  /** Whether `signature` (r then s) of `signed` is that party's. */
  verify(party: Eui, signed: Uint8Array, signature: Uint8Array): boolean;
  /** The meter's signature, r then s. */
  sign(signed: Uint8Array): Uint8Array;
}
