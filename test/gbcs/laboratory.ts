// Makes GBCS commands and opens the answers, with keys whose private halves a laboratory has. Written from the facts of docs/spec/gbcs.md
// with node:crypto alone: it shares no code with host/, so that what is wrong there is not wrong here too.
// Octets are hexadecimal text; an EUI-64 is 16 lower-case digits.

import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
} from "node:crypto";
import { decoded, type Value } from "./laboratory-values.js";

export interface LabKey {
  readonly x: string;
  readonly y: string;
  readonly testScalar?: string | undefined;
}
export interface LabKeys {
  readonly [eui: string]: { readonly ds?: LabKey; readonly ka?: LabKey };
}

export const BROKER = "90b3d51f30000002";
export const SUPPLIER = "90b3d51f30010000";
export const NETWORK_OPERATOR = "90b3d51f30020000";
export const LOAD_CONTROLLER = "90b3d51f30010008";

/** [class, OBIS, attribute or method]; `data` is the value with its tag. */
export type LabItem =
  | { readonly get: Place; readonly range?: readonly [from: Date, to: Date]; readonly selection?: string }
  | { readonly set: Place; readonly data: string }
  | { readonly act: Place; readonly data: string }
  /** A protected read: method 1 of class 30 at that OBIS, of these attributes. */
  | { readonly read: string; readonly of: readonly (Protected | Place)[] };
export type Place = readonly [number, string, number];
export interface Protected {
  readonly attribute: Place;
  readonly range: readonly [from: Date, to: Date];
}

export interface LabCommand {
  readonly code: number;
  readonly originator: string;
  readonly meter: string;
  readonly counter: bigint;
  readonly items?: readonly LabItem[];
  /** The payload as it is, in place of `items`. */
  readonly content?: string;
  readonly signed?: boolean;
  /** Who signs, and whose key makes the MAC, where it is not as it should be. */
  readonly signer?: string;
  readonly macKeyOf?: string;
  readonly supplementary?: { readonly party: string; readonly counter: bigint; readonly certificate?: string };
  /** 1: a command. */
  readonly cra?: number;
}

/** The octets of a command with its MAC. */
export function commandOf(keys: LabKeys, command: LabCommand): Uint8Array {
  return macked(keys, command, bodyOf(keys, command));
}

/** Ends as a pre-command does: no signature, no MAC. */
export function precommandOf(command: LabCommand): Uint8Array {
  return octets(`df${headed(command)}`);
}

/** From DF to the signature. */
export function bodyOf(keys: LabKeys, command: LabCommand): string {
  const signed = headed(command);
  if (command.signed !== true) return `df${signed}00`;
  const key = privateKey(keys, command.signer ?? command.originator, "ds");
  return `df${signed}40${sign("sha256", octets(signed), { key, dsaEncoding: "ieee-p1363" }).toString("hex")}`;
}

/** A body, right or not, with its header and a MAC that is right. */
export function macked(keys: LabKeys, command: LabCommand, body: string): Uint8Array {
  const { originator, meter, counter, macKeyOf = BROKER, cra = 1 } = command;
  const key = keyOf(secretOf(keys, macKeyOf, meter), originator, cra, counter, meter);
  const mac = macUnder(key, originator, body);
  const rest = `1100000000${body}${mac}`;
  return octets(`dd000000000000${length(rest)}${rest}`);
}

/** What a signature covers. */
function headed(command: LabCommand): string {
  const { code, originator, meter, counter, supplementary, cra = 1 } = command;
  const other =
    word(code, 2) +
    (supplementary === undefined
      ? ""
      : supplementary.party + word(supplementary.counter, 8) + (supplementary.certificate ?? ""));
  const content = command.content ?? contentOf(command);
  return `09${word(cra, 1)}${word(counter, 8)}08${originator}08${meter}00${length(other)}${other}${length(content)}${content}`;
}

/** An Access-Request. */
export function contentOf(command: LabCommand): string {
  const items = command.items ?? [];
  const id = word(command.counter & 0xffffffn, 3);
  const count = length("00".repeat(items.length));
  return `d920${id}00${count}${items.map(specification).join("")}${count}${items.map((one) => dataOf(one, command)).join("")}`;
}

function specification(item: LabItem): string {
  if ("set" in item) return `02${placed(item.set)}`;
  if ("act" in item) return `03${placed(item.act)}`;
  if ("read" in item) return `03${placed([30, item.read, 1])}`;
  const selection = item.selection ?? (item.range === undefined ? null : `01${rangeData(...item.range)}`);
  return selection === null ? `01${placed(item.get)}` : `04${placed(item.get)}${selection}`;
}

function dataOf(item: LabItem, { originator, meter, counter, supplementary }: LabCommand): string {
  if ("get" in item) return "00";
  if (!("read" in item)) return item.data;
  const attributes = item.of.map((one) => ("attribute" in one ? one : { attribute: one, range: null }));
  const listed = attributes.map(({ attribute: [of, obis, index], range }) => {
    const restriction =
      range === null ? "0202160000" : `020216010202090c${dateTime(range[0])}090c${dateTime(range[1])}`;
    return `020512${word(of, 2)}0906${obisOctets(obis)}0f${word(index, 1)}120000${restriction}`;
  });
  const who = `090904${word(counter, 8)}0908${supplementary?.party ?? originator}0908${meter}0900`;
  const count = length("00".repeat(listed.length));
  return `020201${count}${listed.join("")}0101020216020205${who}0202160202020901020900`;
}

const placed = ([of, obis, index]: Place) => word(of, 2) + obisOctets(obis) + word(index, 1);
const since2000 = (time: Date) => (time.getTime() - Date.UTC(2000, 0, 1)) / 1000;

/** What selective access asks, by seconds since 2000. */
export function rangeData(from: Date, to: Date): string {
  return `020402041200010906${obisOctets("0-0:94.44.100.255")}0f0212000006${word(since2000(from), 4)}06${word(since2000(to), 4)}0100`;
}

/** 12 octets: no day of the week, UTC, no clock status. */
export function dateTime(time: Date): string {
  const parts = [time.getUTCMonth() + 1, time.getUTCDate(), 0xff, time.getUTCHours(), time.getUTCMinutes()];
  return `${word(time.getUTCFullYear(), 2)}${[...parts, time.getUTCSeconds(), 0].map((one) => word(one, 1)).join("")}8000ff`;
}

export interface Opened {
  readonly cra: number;
  readonly counter: bigint;
  readonly originator: string;
  readonly recipient: string;
  /** 24 digits, or none. */
  readonly time: string;
  readonly code: number;
  /** What follows the code. */
  readonly supplementary: string;
  readonly results: readonly number[];
  /** What each item gave; of a protected read, what was encrypted. */
  readonly values: readonly Value[];
  /** What is unsure is told, not thrown. */
  readonly authentic: boolean;
}

/** Whose MAC or signature is right, is `authentic`. Throws where it is no response. */
export function openResponse(keys: LabKeys, bytes: Uint8Array): Opened {
  const cursor = new Cursor(Buffer.from(bytes).toString("hex"));
  const maced = cursor.hex.startsWith("dd");
  if (maced) {
    cursor.skip("dd000000000000");
    if (cursor.length() !== cursor.left) throw new Error("the length is not that of the message");
    cursor.skip("1100000000");
  }
  const start = cursor.at;
  cursor.skip("df09");
  const cra = cursor.number(1);
  const counter = BigInt(`0x${cursor.take(8)}`);
  cursor.skip("08");
  const originator = cursor.take(8);
  cursor.skip("08");
  const recipient = cursor.take(8);
  const time = cursor.take(cursor.number(1));
  const other = cursor.take(cursor.length());
  const content = cursor.take(cursor.length());
  const signed = cursor.hex.slice(start + 2, cursor.at);
  const signature = cursor.take(cursor.number(1));
  const body = cursor.hex.slice(start, cursor.at);
  const mac = maced ? cursor.take(12) : "";
  if (cursor.left > 0) throw new Error("octets are left over");
  const head = { cra, counter, originator, recipient, time, code: Number.parseInt(other.slice(0, 4), 16) };
  const authentic = maced
    ? signature === "" &&
      mac ===
        macUnder(keyOf(secretOf(keys, recipient, originator), originator, cra, counter, recipient), originator, body)
    : verify(
        "sha256",
        octets(signed),
        { key: publicKey(keys, originator, "ds"), dsaEncoding: "ieee-p1363" },
        octets(signature),
      );
  const { results, values } = resultsIn(content, head);
  const supplementary = other.slice(4);
  const open = (value: Value) => unsealed(keys, value, { ...head, supplementary }) ?? value;
  return { ...head, supplementary, results, values: values.map(open), authentic };
}

function resultsIn(content: string, { counter }: { readonly counter: bigint }) {
  const cursor = new Cursor(content);
  cursor.skip(`da20${word(counter & 0xffffffn, 3)}0000`);
  const values: Value[] = [];
  for (let count = cursor.length(); count > 0; count--) values.push(decoded(cursor));
  const results: number[] = [];
  for (let count = cursor.length(); count > 0; count--) results.push(cursor.number(2) & 0xff);
  if (cursor.left > 0 || results.length !== values.length) throw new Error("it is no response");
  return { values, results };
}

/** What is under the seal of a protected read's answer; null: it is no such answer. */
function unsealed(
  keys: LabKeys,
  value: Value,
  {
    originator,
    recipient,
    counter,
    supplementary,
  }: Omit<Opened, "results" | "values" | "authentic" | "cra" | "time" | "code">,
): Value | null {
  const sealed = value.tag === 2 && Array.isArray(value.of) ? value.of[1] : undefined;
  if (sealed?.tag !== 9 || typeof sealed.of !== "string" || !sealed.of.startsWith("3100000000")) return null;
  const ours = supplementary.length === 48 ? BigInt(`0x${supplementary.slice(32)}`) : null;
  const to = ours === null ? recipient : supplementary.slice(0, 16);
  const key = keyOf(secretOf(keys, to, originator), originator, 4, ours ?? counter, to);
  const decipher = createDecipheriv("aes-128-gcm", key, octets(`${originator}00000000`), { authTagLength: 12 });
  decipher.setAAD(Uint8Array.of(0x31));
  decipher.setAuthTag(octets(sealed.of.slice(-24)));
  const plain = Buffer.concat([decipher.update(octets(sealed.of.slice(10, -24))), decipher.final()]);
  const cursor = new Cursor(plain.toString("hex"));
  const opened = decoded(cursor);
  if (cursor.left > 0) throw new Error("octets are left over under the seal");
  return opened;
}

/** Reads hexadecimal text. */
class Cursor {
  at = 0;
  constructor(readonly hex: string) {}
  get left(): number {
    return (this.hex.length - this.at) / 2;
  }
  take(count: number): string {
    if (count > this.left) throw new Error(`${count} octets are wanted, ${this.left} are left`);
    this.at += 2 * count;
    return this.hex.slice(this.at - 2 * count, this.at);
  }
  number(count: number): number {
    return count === 0 ? 0 : Number.parseInt(this.take(count), 16);
  }
  length(): number {
    const first = this.number(1);
    return first < 0x80 ? first : this.number(first - 0x80);
  }
  skip(wanted: string): void {
    const found = this.take(wanted.length / 2);
    if (found !== wanted) throw new Error(`${wanted} is wanted, ${found} is found`);
  }
}

function macUnder(key: Uint8Array, originator: string, body: string): string {
  const cipher = createCipheriv("aes-128-gcm", key, octets(`${originator}00000000`), { authTagLength: 12 });
  cipher.setAAD(octets(`110000000000${body}`));
  cipher.final();
  return cipher.getAuthTag().toString("hex");
}

function keyOf(z: string, originator: string, use: number, counter: bigint, recipient: string): Uint8Array {
  const input = `00000001${z}60857406080300${originator}09${word(use, 1)}${word(counter, 8)}${recipient}`;
  return createHash("sha256").update(octets(input)).digest().subarray(0, 16);
}

const SECRETS = new Map<string, string>();

/** Z of ECDH, by the private half of whoever of the two has one here. */
function secretOf(keys: LabKeys, party: string, meter: string): string {
  const [one, other] = [keys[party]?.ka, keys[meter]?.ka];
  if (one === undefined || other === undefined) throw new Error(`there are no keys of ${party} and ${meter}`);
  const name = `${one.x} ${other.x}`;
  const known = SECRETS.get(name);
  if (known !== undefined) return known;
  const [scalar, point] = one.testScalar === undefined ? [other.testScalar, one] : [one.testScalar, other];
  if (scalar === undefined) throw new Error(`neither ${party} nor ${meter} has a private key here`);
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar, "hex");
  const secret = ecdh.computeSecret(`04${point.x}${point.y}`, "hex", "hex");
  SECRETS.set(name, secret);
  return secret;
}

function publicKey(keys: LabKeys, eui: string, use: "ds" | "ka") {
  return createPublicKey({ key: jwk(keys, eui, use), format: "jwk" });
}

function privateKey(keys: LabKeys, eui: string, use: "ds" | "ka") {
  const scalar = keys[eui]?.[use]?.testScalar ?? "";
  return createPrivateKey({ key: { ...jwk(keys, eui, use), d: base64(scalar) }, format: "jwk" });
}

function jwk(keys: LabKeys, eui: string, use: "ds" | "ka") {
  const { x = "", y = "" } = keys[eui]?.[use] ?? {};
  return { kty: "EC", crv: "P-256", x: base64(x), y: base64(y) };
}

const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
export const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const word = (value: number | bigint, count: number) => value.toString(16).padStart(2 * count, "0");

/** The length of octets, before them. */
function length(of: string): string {
  const count = of.length / 2;
  if (count < 0x80) return word(count, 1);
  return count < 0x100 ? `81${word(count, 1)}` : `82${word(count, 2)}`;
}

/** "1-0:2.8.0.255"; a fifth part that is left out is 0. */
function obisOctets(obis: string): string {
  const numbers = obis.split(/[-:.]/).map(Number);
  return [0, 1, 2, 3, 4, 5].map((at) => word(numbers[at] ?? 0xff, 1)).join("");
}
