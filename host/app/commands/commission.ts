// `esme commission`: a meter's identity, its keys and certificates, and the remote parties that it trusts. No private key is ever printed.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Commissioned, commission } from "../../adapters/keys/commissioning.js";
import { FILES, keysDir } from "../../adapters/keys/house-keys.js";
import { takeLock } from "../../adapters/lock.js";
import type { Eui } from "../../gbcs/frame.js";
import { systemClock } from "../clocks.js";
import { made } from "../data-dir.js";
import { refuse } from "../refusal.js";

interface Options {
  readonly data: string;
  readonly identity?: Eui;
  readonly parties?: string;
  readonly laboratory?: boolean;
  readonly renew?: boolean;
  readonly json?: boolean;
}

/** A meter that runs has read its keys: they are made while nobody owns the house. */
export async function commissionCommand(options: Options): Promise<void> {
  const { data, identity = null, parties, laboratory = false, renew = false, json } = options;
  const lock = takeLock(made(data));
  if (!lock.ok) return refuse(lock);
  try {
    const file = parties === undefined ? null : resolve(parties);
    const now = new Date(systemClock.utc());
    const done = await commission(data, { identity, parties: file, laboratory, renew, now });
    if (!done.ok) return refuse(done);
    process.stdout.write(json === true ? `${JSON.stringify(toldOf(data, done))}\n` : saidOf(data, done));
  } finally {
    lock.release();
  }
}

function toldOf(data: string, { identity, parties, before }: Commissioned) {
  return { schema: "esme/commission/1", identity, certificates: certificatesIn(data), parties: parties.length, before };
}

function certificatesIn(data: string) {
  return (["digitalSignature", "keyAgreement"] as const).map((use) => {
    const file = join(keysDir(data), `${FILES[use]}.crt`);
    const { serialNumber, fingerprint256 } = new X509Certificate(readFileSync(file));
    return { use, file, serial: serialNumber, sha256: fingerprint256.replaceAll(":", "").toLowerCase() };
  });
}

function saidOf(data: string, { identity, parties, before }: Commissioned): string {
  const certificates = certificatesIn(data).map(({ file, sha256 }) => `  ${file}  SHA-256 ${sha256.slice(0, 16)}..\n`);
  const trusted = parties.map(({ eui, role }) => `  ${eui}  ${role}\n`);
  return [
    `the meter is ${identity}\n`,
    ...certificates,
    parties.length === 0 ? "it trusts nobody yet: esme commission --parties FILE, or --laboratory\n" : "it trusts\n",
    ...trusted,
    ...(before === null ? [] : [`the keys before these are in ${before}\n`]),
  ].join("");
}
