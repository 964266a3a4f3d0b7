// Whom a meter trusts: those in its file, those that another file brings, and a laboratory's parties, whose keys are made here.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Eui } from "../../gbcs/frame.js";
import type { Role } from "../../gbcs/keyring.js";
import type { Refusal } from "../../ports/store.js";
import { newEui } from "./eui.js";
import { brokenParties, FILES } from "./house-keys.js";
import { newKey } from "./issue.js";
import { type Keystore, type KeystoreKey, partiesOf, readKeystore, roleIn } from "./keystore.js";
import { hexOf } from "./p256.js";

export interface Trusted {
  readonly ok: true;
  /** Public points only. */
  readonly parties: Keystore;
  readonly roles: ReadonlyMap<Eui, Role>;
  /** New ones with their private keys. */
  readonly laboratory: Keystore | null;
}

/** Ours: the reference messages have eight. */
const PARTIES_MAX = 1_000;
const LABORATORY: readonly Role[] = ["supplier", "networkOperator", "accessControlBroker", "loadController"];

/** Those already in the folder of keys `dir`, with those of `file` and of a new laboratory. */
export function trustedBy(dir: string, file: string | null, wantsLaboratory: boolean): Trusted | Refusal {
  const own = join(dir, FILES.parties);
  const known = existsSync(own) ? readKeystore(own) : NOBODY;
  if (!known.ok) return brokenParties(known.reason);
  const brought = file === null ? NOBODY : readKeystore(file);
  if (!brought.ok) return brought;
  const found = partiesOf(brought.keystore);
  if ("rule" in found) return refused("keys-unreadable", `${file}: ${found.place}: ${found.rule}`, "mend that key");
  if (file !== null && found.size === 0)
    return refused("no-parties", `${file}: no entry has a role`, 'give each party its "role" (docs/guides/keys.md)');
  if (wantsLaboratory && existsSync(join(dir, FILES.laboratory)))
    return refused(
      "laboratory-exists",
      `${dir} already has a laboratory's parties`,
      `use them (to trust them anew: --parties ${join(dir, FILES.laboratory)}), or leave --laboratory out`,
    );
  const laboratory = wantsLaboratory ? newLaboratory() : null;
  return merged(publicOf(known.keystore), publicOf({ ...brought.keystore, ...laboratory }), laboratory);
}

function merged(known: Keystore, more: Keystore, laboratory: Keystore | null): Trusted | Refusal {
  const changed = Object.keys(more).find(
    (eui) => eui in known && JSON.stringify(known[eui]) !== JSON.stringify(more[eui]),
  );
  if (changed !== undefined)
    return refused(
      "party-known",
      `the meter knows ${changed} by other keys`,
      "a party's keys are changed by its own commands",
    );
  const parties = { ...known, ...more };
  const count = Object.keys(parties).length;
  if (count > PARTIES_MAX)
    return refused(
      "too-many-parties",
      `${count} parties: a meter trusts at most ${PARTIES_MAX}`,
      "name those that speak to it",
    );
  const roles = new Map(Object.entries(parties).map(([eui, entry]) => [eui, roleIn(eui, entry) as Role]));
  const brokers = [...roles].filter(([, role]) => role === "accessControlBroker").map(([eui]) => eui);
  if (brokers.length > 1)
    return refused(
      "two-brokers",
      `${brokers.join(" and ")} both: a meter has one access control broker`,
      "leave one out",
    );
  const [broker] = brokers;
  if (broker !== undefined && parties[broker]?.ka === undefined)
    return refused(
      "broker-without-key",
      `${broker}, the access control broker, has no key-agreement key (ka), without which no command's MAC can be right`,
      "give its ka",
    );
  return { ok: true, parties, roles, laboratory };
}

/** The entries with a role, without private keys and in one form, so that they can be compared. */
function publicOf(keystore: Keystore): Keystore {
  const entries = Object.entries(keystore).flatMap(([eui, entry]) => {
    const role = roleIn(eui, entry);
    const keys = { ...(entry.ds && { ds: pointOf(entry.ds) }), ...(entry.ka && { ka: pointOf(entry.ka) }) };
    return role === null ? [] : [[eui, { role, ...keys }] as const];
  });
  return Object.fromEntries(entries);
}

const pointOf = ({ x, y }: KeystoreKey): KeystoreKey => ({ x: x.toLowerCase(), y: y.toLowerCase() });

function newLaboratory(): Keystore {
  return Object.fromEntries(LABORATORY.map((role) => [newEui(), { role, ds: newTestKey(), ka: newTestKey() }]));
}

function newTestKey(): KeystoreKey {
  const { x, y, scalar } = hexOf(newKey());
  return { x, y, testScalar: scalar ?? "" };
}

const NOBODY = { ok: true, keystore: {} as Keystore } as const;

function refused(code: string, reason: string, next: string): Refusal {
  return { ok: false, code, reason, next };
}
