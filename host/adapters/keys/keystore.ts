// A file of keys by EUI-64: {eui: {role?, ds?, ka?, "pp-ka"?}}, each key {x, y, testScalar?} in hexadecimal. docs/guides/keys.md.

import type { KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import type { Eui } from "../../gbcs/frame.js";
import { ROLES, type Role } from "../../gbcs/keyring.js";
import type { Refusal } from "../../ports/store.js";
import { privateKeyOf, publicKeyOf } from "./p256.js";

/** The published test keys of 211 devices are 100 kB. */
const LARGEST_bytes = 4 * 1_024 * 1_024;

const Number256 = z.string().regex(/^[0-9a-f]{64}$/i, "64 hexadecimal digits");
const Key = z.strictObject({ x: Number256, y: Number256, testScalar: Number256.optional() });
const Entry = z.strictObject({
  role: z.enum(ROLES).optional(),
  /** Digital signature, key agreement, and the supplier's key agreement for prepayment, which nothing here uses. */
  ds: Key.optional(),
  ka: Key.optional(),
  "pp-ka": Key.optional(),
});
const Keystore = z.record(z.string(), Entry);
export type Keystore = z.infer<typeof Keystore>;
export type KeystoreKey = z.infer<typeof Key>;

/** The remote parties of the published reference messages: their file names no roles. */
const REFERENCE_ROLES: { readonly [eui: Eui]: Role } = {
  "90b3d51f30000001": "recovery",
  "90b3d51f30000002": "accessControlBroker",
  "90b3d51f30000004": "transitionalCoS",
  "90b3d51f30000007": "wanProvider",
  "90b3d51f30010000": "supplier",
  "90b3d51f30010008": "loadController",
  "90b3d51f30020000": "networkOperator",
  "90b3d51f30030000": "supplier",
};

/** Also a bundle of ours: the same under "parties", beside its schema. */
export const PARTIES_SCHEMA = "esme/parties/1";

export type Read = { readonly ok: true; readonly keystore: Keystore } | Refusal;

export function readKeystore(path: string): Read {
  const next = 'name a file of {"<EUI-64>": {"role", "ds": {"x", "y"}, "ka": {"x", "y"}}} (docs/guides/keys.md)';
  const refused = (reason: string): Refusal => ({
    ok: false,
    code: "keys-unreadable",
    reason: `${path}: ${reason}`,
    next,
  });
  let raw: unknown;
  try {
    const found = statSync(path);
    // A pipe or a device may never end.
    if (!found.isFile()) return refused("is no regular file");
    if (found.size > LARGEST_bytes) return refused(`has ${found.size} bytes, more than any file of keys`);
    // Without the mark that some editors put first.
    raw = JSON.parse(new TextDecoder().decode(readFileSync(path)));
  } catch (error) {
    return refused((error as Error).message);
  }
  const parties =
    (raw as { schema?: unknown } | null)?.schema === PARTIES_SCHEMA ? (raw as { parties?: unknown }).parties : raw;
  const parsed = Keystore.safeParse(parties);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refused(`${issue?.path.join(".") || "the file"}: ${issue?.message}`);
  }
  const euis = Object.keys(parsed.data);
  const stray = euis.find((eui) => !/^[0-9a-f]{16}$/i.test(eui) || /^(0+|f+)$/i.test(eui));
  if (stray !== undefined) return refused(`${JSON.stringify(stray)} is no EUI-64 of 16 hexadecimal digits`);
  const keystore = Object.fromEntries(euis.map((eui) => [eui.toLowerCase(), parsed.data[eui] ?? {}]));
  const twice = Object.keys(keystore).length < euis.length;
  return twice ? refused("an EUI-64 is there twice, in capitals and in small letters") : { ok: true, keystore };
}

export interface Party {
  readonly role: Role;
  /** For verifying, and for agreeing on a secret. */
  readonly signing: KeyObject | null;
  readonly agreement: KeyObject | null;
  /** A test key's private half. */
  readonly agreementPrivate: KeyObject | null;
}

/** The entries that have a role, in the file's order; a broken key is told by its place. */
export function partiesOf(
  keystore: Keystore,
): ReadonlyMap<Eui, Party> | { readonly place: string; readonly rule: string } {
  const parties = new Map<Eui, Party>();
  for (const [eui, entry] of Object.entries(keystore)) {
    const role = roleIn(eui, entry);
    if (role === null) continue;
    const { ds, ka } = entry;
    const signing = ds === undefined ? null : publicKeyOf(ds);
    if (ds !== undefined && signing === null) return { place: `${eui}.ds`, rule: OFF_CURVE };
    const agreement = ka === undefined ? null : publicKeyOf(ka);
    if (ka !== undefined && agreement === null) return { place: `${eui}.ka`, rule: OFF_CURVE };
    const agreementPrivate = ka?.testScalar === undefined ? null : privateKeyOf(ka, ka.testScalar);
    if (ka?.testScalar !== undefined && agreementPrivate === null) return { place: `${eui}.ka`, rule: NO_PAIR };
    parties.set(eui, { role, signing, agreement, agreementPrivate });
  }
  return parties;
}

export const OFF_CURVE = "x and y are no point of P-256";
export const NO_PAIR = "testScalar is not the private key of x and y";

export function roleIn(eui: Eui, entry: Keystore[string]): Role | null {
  return entry.role ?? REFERENCE_ROLES[eui] ?? null;
}
