// Certificates of a meter as those in the reference messages are: P-256, no subject, the EUI-64 in a hardwareModuleName, one key usage,
// no end. A house issues its own: nobody outside it trusts them, and a laboratory meter needs no more.

import { createPublicKey, generateKeyPairSync, type KeyObject, webcrypto } from "node:crypto";
import { type Eui, euiOctets } from "../../gbcs/frame.js";

export interface Authority {
  readonly key: KeyObject;
  /** PEM. */
  readonly certificate: string;
}

export type Use = "digitalSignature" | "keyAgreement";

/** Loaded when a certificate is made, which is once in a meter's life. */
async function library() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const NAME = "CN=OpenESME house authority";
/** 9999-12-31T23:59:59Z: no well-defined end (RFC 5280 4.1.2.5). */
const NO_END = new Date(253_402_300_799_000);
const SUBJECT_ALT_NAME = "2.5.29.17";
/** The kind of hardware, 2.25.42904005213020089268648087206025794464: a number of ours, made as a UUID. */
const HARDWARE = Buffer.from("69c0c781b1c7d3e280879dbc858ffd87d2a720", "hex");
const HARDWARE_MODULE_NAME = Buffer.from("2b06010505070804", "hex");

export function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

export function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}

export async function newAuthority(since: Date): Promise<Authority> {
  const x509 = await library();
  const key = newKey();
  const usage = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: NAME,
    keys: await pairOf(key),
    ...valid(since),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usage, true),
      await x509.SubjectKeyIdentifierExtension.create(spkiOf(key)),
    ],
  });
  return { key, certificate: certificate.toString("pem") };
}

/** PEM. */
export async function issue(by: Authority, identity: Eui, use: Use, key: KeyObject, since: Date): Promise<string> {
  const x509 = await library();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "",
    issuer: NAME,
    publicKey: spkiOf(key),
    signingKey: (await pairOf(by.key)).privateKey,
    ...valid(since),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags[use], true),
      await x509.SubjectKeyIdentifierExtension.create(spkiOf(key)),
      new x509.Extension(SUBJECT_ALT_NAME, true, hardwareModuleName(identity)),
      await x509.AuthorityKeyIdentifierExtension.create(spkiOf(by.key)),
    ],
  });
  return certificate.toString("pem");
}

const SPKI = { type: "spki", format: "der" } as const;

function spkiOf(key: KeyObject): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createPublicKey(key).export(SPKI));
}

async function pairOf(key: KeyObject) {
  const { subtle } = webcrypto;
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const privateKey = await subtle.importKey("pkcs8", pkcs8, ALGORITHM, true, ["sign"]);
  const publicKey = await subtle.importKey("spki", spkiOf(key), ALGORITHM, true, ["verify"]);
  return { privateKey, publicKey };
}

function valid(since: Date) {
  return { notBefore: since, notAfter: NO_END, signingAlgorithm: ALGORITHM };
}

/** GeneralNames of one otherName: {hardwareModuleName, [0] {hwType, hwSerialNum}} (RFC 4108). */
function hardwareModuleName(identity: Eui): Uint8Array {
  const module = der(0x30, der(0x06, HARDWARE), der(0x04, euiOctets(identity)));
  return der(0x30, der(0xa0, der(0x06, HARDWARE_MODULE_NAME), der(0xa0, module)));
}

/** All of them are shorter than 128 octets. */
function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([new Uint8Array([tag, content.length]), content]);
}
