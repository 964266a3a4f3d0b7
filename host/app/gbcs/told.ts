// How `esme gbcs respond`, `state` and `alert` tell what came of it: hexadecimal text or JSON lines, notes on stderr.

import type { TestKeyring } from "../../adapters/keys/keystore-file.js";

/** A signature that only this process could make: who wants to verify it needs the key. */
export function keyTold(keyring: TestKeyring, signed: boolean) {
  const { x, y, ofItsOwn } = keyring.signingKey;
  return signed ? { signingKey: { x, y, ofItsOwn } } : {};
}

export function tellKey(keyring: TestKeyring, json: boolean | undefined): void {
  const { x, y, ofItsOwn } = keyring.signingKey;
  if (ofItsOwn && json !== true)
    note({ text: `signed with a key made for this answer: x ${x.toUpperCase()} y ${y.toUpperCase()}` }, json);
}

export function print(told: { readonly [field: string]: unknown }, json: boolean | undefined): void {
  process.stdout.write(`${json === true ? JSON.stringify(told) : (told.response ?? told.alert)}\n`);
}

export function note(
  { text, ...more }: { readonly text: string; readonly failItem?: number },
  json: boolean | undefined,
): void {
  process.stderr.write(json === true ? `${JSON.stringify({ note: text, ...more })}\n` : `${text}\n`);
}
