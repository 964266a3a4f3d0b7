// A meter's keyring from a file of test keys: those published with the reference messages, or a laboratory's own.

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Eui } from "../../gbcs/frame.js";
import type { Keyring } from "../../gbcs/keyring.js";
import type { Refusal } from "../../ports/store.js";
import { keyringOf } from "./keyring.js";
import { type KeystoreKey, NO_PAIR, OFF_CURVE, partiesOf, readKeystore } from "./keystore.js";
import { hexOf, type Point, privateKeyOf, publicKeyOf } from "./p256.js";

export interface TestKeyring extends Keyring {
  /** The public half of what signs; of its own: the file has no private key of the meter, and this one is new with each process. */
  readonly signingKey: Point & { readonly ofItsOwn: boolean };
}

/** The keyring of the meter `identity`, whose keys must be in the file. */
export function keyringOfKeystore(
  file: string,
  identity: Eui,
): { readonly ok: true; readonly keyring: TestKeyring } | Refusal {
  const read = readKeystore(file);
  if (!read.ok) return read;
  const refused = (place: string, rule: string): Refusal => ({
    ok: false,
    code: "keys-broken",
    reason: `${file}: ${place}: ${rule}`,
    next: "name a file with whole keys of this meter and of its remote parties (docs/guides/keys.md)",
  });
  const { ds, ka } = read.keystore[identity] ?? {};
  if (ka === undefined) return refused(identity, "this meter has no key-agreement key (ka) there");
  const agreement = ka.testScalar === undefined ? publicKeyOf(ka) : privateKeyOf(ka, ka.testScalar);
  if (agreement === null) return refused(`${identity}.ka`, ka.testScalar === undefined ? OFF_CURVE : NO_PAIR);
  const signing = signingOf(ds);
  if (signing === null) return refused(`${identity}.ds`, NO_PAIR);
  const parties = partiesOf(read.keystore);
  if ("rule" in parties) return refused(parties.place, parties.rule);
  const { x, y } = hexOf(signing);
  const signingKey = { x, y, ofItsOwn: ds?.testScalar === undefined };
  return { ok: true, keyring: { ...keyringOf({ identity, signing, agreement }, parties), signingKey } };
}

function signingOf(ds: KeystoreKey | undefined): KeyObject | null {
  if (ds?.testScalar !== undefined) return privateKeyOf(ds, ds.testScalar);
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}
