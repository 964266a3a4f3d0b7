// Makes the keys of a house, renews them, adds remote parties. No key is ever overwritten: a new folder is finished beside the old one and
// takes its place, and the old one stays under the name of the moment.

import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Eui } from "../../gbcs/frame.js";
import type { Role } from "../../gbcs/keyring.js";
import type { Refusal } from "../../ports/store.js";
import { newEui } from "./eui.js";
import { FILES, hasKeys, keysAside, keysDir, meterKeys } from "./house-keys.js";
import { issue, newAuthority, newKey, pemOf } from "./issue.js";
import { PARTIES_SCHEMA } from "./keystore.js";
import { type Trusted, trustedBy } from "./trust.js";

export interface Wish {
  /** Null: one is made, or kept. */
  readonly identity: Eui | null;
  /** A file of remote parties to trust. */
  readonly parties: string | null;
  /** Parties with keys of their own, made here. */
  readonly laboratory: boolean;
  readonly renew: boolean;
  readonly now: Date;
}

export interface Commissioned {
  readonly ok: true;
  readonly identity: Eui;
  readonly parties: readonly { readonly eui: Eui; readonly role: Role }[];
  /** Where the keys before these are. */
  readonly before: string | null;
}

/** Whoever calls this owns the house. */
export async function commission(house: string, wish: Wish): Promise<Commissioned | Refusal> {
  const exists = hasKeys(house);
  const adding = exists && !wish.renew && wish.identity === null && (wish.parties !== null || wish.laboratory);
  if (exists && !wish.renew && !adding) {
    const next =
      "--renew replaces them and keeps the old ones beside; --parties and --laboratory by themselves add parties";
    return { ok: false, code: "keys-exist", reason: `${keysDir(house)} already holds a meter's keys`, next };
  }
  if (wish.renew && !exists)
    return { ok: false, code: "no-keys", reason: `${house} has no keys to renew`, next: "leave --renew out" };
  const aside = keysAside(house);
  if (aside !== null) return aside;
  const trusted = trustedBy(keysDir(house), wish.parties, wish.laboratory);
  if (!trusted.ok) return trusted;
  const old = exists && wish.identity === null ? meterKeys(house) : null;
  if (old?.ok === false) return old;
  const identity = wish.identity ?? old?.keys.identity ?? newEui();
  if (trusted.roles.has(identity))
    return {
      ok: false,
      code: "party-is-meter",
      reason: `${identity} would be the meter and a party that it trusts`,
      next: "give the meter another --identity, or leave that party out",
    };
  if (adding) writeParties(keysDir(house), trusted);
  const before = adding ? null : await makeFolder(house, identity, trusted, wish.now);
  const parties = [...trusted.roles].map(([eui, role]) => ({ eui, role }));
  return { ok: true, identity, parties, before };
}

/** Makes the whole folder, and gives where the one before it went. */
async function makeFolder(house: string, identity: Eui, trusted: Trusted, now: Date): Promise<string | null> {
  const dir = keysDir(house);
  const made = join(house, "keys-new");
  // Left by a run that was cut short: what is in it was never used.
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { mode: 0o700 });
  const authority = await newAuthority(now);
  write(join(made, `${FILES.authority}.key`), pemOf(authority.key));
  write(join(made, `${FILES.authority}.crt`), authority.certificate);
  for (const use of ["digitalSignature", "keyAgreement"] as const) {
    const key = newKey();
    write(join(made, `${FILES[use]}.key`), pemOf(key));
    write(join(made, `${FILES[use]}.crt`), await issue(authority, identity, use, key, now));
  }
  const laboratory = dirname(FILES.laboratory);
  if (existsSync(join(dir, laboratory))) cpSync(join(dir, laboratory), join(made, laboratory), { recursive: true });
  writeParties(made, trusted);
  const before = hasKeys(house) ? freeName(`${dir}-before-${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`) : null;
  if (before !== null) renameSync(dir, before);
  renameSync(made, dir);
  return before;
}

function freeName(path: string): string {
  for (let copy = 1; ; copy++) {
    const name = copy === 1 ? path : `${path}-${copy}`;
    if (!existsSync(name)) return name;
  }
}

/** The laboratory's keys first: a party that is trusted has its keys. */
function writeParties(dir: string, { parties, laboratory }: Trusted): void {
  if (laboratory !== null) {
    mkdirSync(dirname(join(dir, FILES.laboratory)), { recursive: true, mode: 0o700 });
    write(join(dir, FILES.laboratory), `${JSON.stringify(laboratory, null, 1)}\n`);
  }
  const path = join(dir, FILES.parties);
  write(`${path}.new`, `${JSON.stringify({ schema: PARTIES_SCHEMA, parties }, null, 1)}\n`);
  renameSync(`${path}.new`, path);
}

function write(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flush: true });
}
