// What a certificate of a device or of a remote party says: its key, what the key may do, whom it names. Any bytes give that or null.
//
// node:crypto reads the key; it tells neither the key usage nor the names that GBCS puts an EUI-64 in, so those are read here:
//   a remote party   subject: x500UniqueIdentifier, a bit string of the EUI-64      (read off the certificates in reference messages)
//   a device         subjectAltName: otherName hardwareModuleName, the EUI-64 as its serial number

import { type KeyObject, X509Certificate } from "node:crypto";
import { type Eui, euiOf } from "../../gbcs/frame.js";
import { Reader } from "../../gbcs/octets.js";
import { isP256 } from "./p256.js";

export interface Certificate {
  /** P-256. */
  readonly publicKey: KeyObject;
  readonly digitalSignature: boolean;
  readonly keyAgreement: boolean;
  /** Null where it names nobody in one of those ways. */
  readonly names: Eui | null;
}

/** DER, at most 64 KiB as in a message. */
const LARGEST = 65_536;
const KEY_USAGE = "551d0f";
const SUBJECT_ALT_NAME = "551d11";
const UNIQUE_IDENTIFIER = "55042d";
const HARDWARE_MODULE_NAME = "2b06010505070804";
const EXTENSIONS = 0xa3;
const VERSION = 0xa0;

export function readCertificate(der: Uint8Array): Certificate | null {
  const publicKey = der.length > LARGEST ? null : keyOf(der);
  if (publicKey === null || !isP256(publicKey)) return null;
  const fields = within(within(elements(der)[0])[0]);
  const subject = fields[fields[0]?.tag === VERSION ? 5 : 4];
  const extensions = within(within(fields.find(({ tag }) => tag === EXTENSIONS))[0]);
  const usage = within(extensionOf(extensions, KEY_USAGE))[0]?.content[1] ?? 0;
  return {
    publicKey,
    digitalSignature: (usage & 0x80) !== 0,
    keyAgreement: (usage & 0x08) !== 0,
    names: partyIn(subject) ?? deviceIn(extensionOf(extensions, SUBJECT_ALT_NAME)),
  };
}

function keyOf(der: Uint8Array): KeyObject | null {
  try {
    return new X509Certificate(der).publicKey;
  } catch {
    return null;
  }
}

/** Name: a sequence of sets of {type, value}. The bit string begins with its count of unused bits. */
function partyIn(subject: Element | undefined): Eui | null {
  const pairs = within(subject).map((set) => within(within(set)[0]));
  const bits = pairs.find(([type]) => hexIn(type) === UNIQUE_IDENTIFIER)?.[1]?.content;
  return bits?.length === 9 && bits[0] === 0 ? euiOf(bits.subarray(1)) : null;
}

/** GeneralNames: otherName [0] {type, [0] {hwType, hwSerialNum}}. */
function deviceIn(extension: Element | undefined): Eui | null {
  const others = within(within(extension)[0]).map((name) => within(name));
  const value = others.find(([type]) => hexIn(type) === HARDWARE_MODULE_NAME)?.[1];
  const serial = within(within(value)[0])[1]?.content;
  return serial?.length === 8 ? euiOf(serial) : null;
}

/** The octet string of an extension {type, critical?, value}. */
function extensionOf(extensions: readonly Element[], type: string): Element | undefined {
  return extensions
    .map(within)
    .find(([first]) => hexIn(first) === type)
    ?.at(-1);
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

function within(element: Element | undefined): readonly Element[] {
  return element === undefined ? [] : elements(element.content);
}

/** What the octets hold, one after another; nothing where that is not DER. */
function elements(octets: Uint8Array): readonly Element[] {
  const reader = new Reader(octets);
  const found: Element[] = [];
  while (reader.left > 0) found.push({ tag: reader.octet(), content: reader.take(reader.length()) });
  return reader.fault === null ? found : [];
}

function hexIn(element: Element | undefined): string | null {
  return element === undefined ? null : Buffer.from(element.content).toString("hex");
}
