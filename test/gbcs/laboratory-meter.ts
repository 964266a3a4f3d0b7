// A laboratory's meter and its remote parties, all of whose private keys it has: the same with each run, so that a test can be told again.

import { createECDH, createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyringOfKeystore, type TestKeyring } from "../../host/adapters/keys/keystore-file.js";
import { esmeOfPartial } from "../../host/document/partial.js";
import type { Esme } from "../../host/ledger/esme.js";
import { Utc_ms } from "../../host/ledger/units.js";
import { BROKER, type LabKey, type LabKeys, LOAD_CONTROLLER, NETWORK_OPERATOR, SUPPLIER } from "./laboratory.js";

export const METER = "00db000000000001";
/** A supplier as the first, but another one. */
const OTHER_SUPPLIER = "90b3d51f30030000";
/** Its keys are good, but no meter has heard of it. */
export const STRANGER = "90b3d51f30990000";
export const AT = Utc_ms(Date.parse("2026-06-01T12:00:00Z"));

function keyFrom(word: string): LabKey {
  const testScalar = createHash("sha256").update(word).digest("hex");
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(testScalar, "hex");
  const point = ecdh.getPublicKey("hex").slice(2);
  return { x: point.slice(0, 64), y: point.slice(64), testScalar };
}

/** Of the meter, of every role's party, and of a stranger. */
export const KEYS: LabKeys = Object.fromEntries(
  [METER, BROKER, SUPPLIER, OTHER_SUPPLIER, NETWORK_OPERATOR, LOAD_CONTROLLER, STRANGER].map((eui) => [
    eui,
    { ds: keyFrom(`${eui} signs`), ka: keyFrom(`${eui} agrees`) },
  ]),
);

/** What a meter's owner keeps of keys: the private ones of the meter only. */
export function keyringFrom(keys: LabKeys, meter: string): TestKeyring {
  const folder = mkdtempSync(join(tmpdir(), "esme-laboratory-"));
  const path = join(folder, "keys.json");
  writeFileSync(path, JSON.stringify(keys));
  const read = keyringOfKeystore(path, meter);
  rmSync(folder, { recursive: true });
  if (!read.ok) throw new Error(read.reason);
  return read.keyring;
}

/** The laboratory meter's. */
export function keyring(): TestKeyring {
  const known = Object.entries(KEYS).filter(([eui]) => eui !== STRANGER);
  const without = known.map(([eui, { ds, ka }]) => [eui, { ds: half(eui, ds), ka: half(eui, ka) }]);
  return keyringFrom(Object.fromEntries(without), METER);
}

const half = (eui: string, { x, y, testScalar }: LabKey = { x: "", y: "" }) =>
  eui === METER ? { x, y, testScalar } : { x, y };

/** A meter with something in it, at `AT`. */
export function meter(sections: object = {}): Esme {
  const read = esmeOfPartial({
    schema: "esme/snapshot/1",
    at: new Date(AT).toISOString(),
    activeImportRegister: { value: 7_654_321 },
    activeExportRegister: { value: 1_234_567 },
    reactiveImportRegister: { value: 89 },
    reactiveExportRegister: { value: 90 },
    ...sections,
  });
  if (!read.ok) throw new Error(read.reason);
  return read.esme;
}
