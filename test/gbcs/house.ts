// A commissioned house in a directory of its own, with a laboratory's parties: what its meter is made with, and the keys that the
// laboratory makes commands and opens answers with.

import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commission } from "../../host/adapters/keys/commissioning.js";
import { houseKeyring } from "../../host/adapters/keys/house-keys.js";
import type { Keyring } from "../../host/gbcs/keyring.js";
import { commandOf, type LabCommand, type LabKey, type LabKeys } from "./laboratory.js";

export interface LaboratoryHouse {
  readonly dir: string;
  readonly keyring: Keyring;
  /** Of the meter the public halves only. */
  readonly keys: LabKeys;
  /** EUI-64s. */
  readonly meter: string;
  readonly supplier: string;
  readonly networkOperator: string;
  /** A command to this meter, with the MAC of its broker. */
  command(command: Omit<LabCommand, "meter" | "macKeyOf">): Uint8Array;
}

export async function laboratoryHouse(dir: string): Promise<LaboratoryHouse> {
  const now = new Date("2026-06-01T00:00:00Z");
  const done = await commission(dir, { identity: null, parties: null, laboratory: true, renew: false, now });
  if (!done.ok) throw new Error(done.reason);
  const read = houseKeyring(dir);
  if (!read.ok) throw new Error(read.reason);
  const parties: LabKeys = JSON.parse(readFileSync(join(dir, "keys", "laboratory", "keystore.json"), "utf8"));
  const meter = done.identity;
  const own = { ds: publicPoint(dir, "digital-signature"), ka: publicPoint(dir, "key-agreement") };
  const keys = { ...parties, [meter]: own };
  const has = (role: string) => done.parties.find((one) => one.role === role)?.eui ?? "";
  const macKeyOf = has("accessControlBroker");
  return {
    dir,
    keyring: read.keyring,
    keys,
    meter,
    supplier: has("supplier"),
    networkOperator: has("networkOperator"),
    command: (command) => commandOf(keys, { ...command, meter, macKeyOf }),
  };
}

function publicPoint(dir: string, name: string): LabKey {
  const { x = "", y = "" } = createPublicKey(readFileSync(join(dir, "keys", `${name}.crt`))).export({ format: "jwk" });
  const hex = (text: string) => Buffer.from(text, "base64url").toString("hex");
  return { x: hex(x), y: hex(y) };
}
