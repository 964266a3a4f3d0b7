// Answers each command of the bench again and again, in turn with the cryptography that its answer needs and nothing else: as many ECDH,
// key derivations and AES-GCM over as many octets, with the same keys, prepared; for a critical command its ECDSA as well.

import { createCipheriv, diffieHellman, hash, type KeyObject, sign, verify } from "node:crypto";
import { answer } from "../../../host/gbcs/answer.js";
import { decodeMessage } from "../../../host/gbcs/frame.js";
import { decodeAccessResponse, RESULTS } from "../../../host/wire/dlms/access.js";
import { decodeProtectedResponse } from "../../../host/wire/dlms/protected.js";
import { type BenchCommand, commands, keyring, meterKeys, meterOfThirteenMonths } from "../gbcs-commands.js";
import { median } from "../row.js";

export interface Answering {
  readonly rounds: number;
  readonly commands: readonly {
    readonly name: string;
    /** Octets of the command and of its answer. */
    readonly asked: number;
    readonly told: number;
    readonly critical: boolean;
    /** Of one command, microseconds. */
    readonly answer_us: number;
    readonly limit_us: number;
  }[];
}

/** Of each command: the meter is at work, its code compiled. */
const WARM = 2_500;
const ROUNDS = 101;
/** Short rounds in turn: what disturbs the machine disturbs both alike. */
const EACH_ROUND = 20;
const TAG = { authTagLength: 12 } as const;

const { esme, at } = meterOfThirteenMonths();

interface Measured {
  readonly command: BenchCommand;
  readonly works: { readonly [which in "answer" | "limit"]: () => void };
}

function measured({ command, works }: Measured): Answering["commands"][number] {
  const times = { answer: [] as number[], limit: [] as number[] };
  for (let round = 0; round < ROUNDS; round++)
    for (const which of ["answer", "limit"] as const) {
      const work = works[which];
      const began = performance.now();
      for (let k = 0; k < EACH_ROUND; k++) work();
      times[which].push((1_000 * (performance.now() - began)) / EACH_ROUND);
    }
  return {
    name: command.name,
    asked: command.bytes.length,
    told: told(command).length,
    critical: decoded(command.bytes).message.signature !== null,
    answer_us: median(times.answer),
    limit_us: median(times.limit),
  };
}

function told({ name, bytes }: BenchCommand): Uint8Array {
  const done = answer(esme, at, bytes, keyring);
  if (done.kind === "silent") throw new Error(`${name}: ${done.reason}`);
  return done.bytes;
}

/** The cryptography of a command alone. */
function limitOf(command: BenchCommand): () => void {
  const [asked, answered] = [decoded(command.bytes), decoded(told(command))];
  const response = decodeAccessResponse(answered.message.content);
  if (!response.ok || response.value.results.some(({ result }) => result !== RESULTS.success))
    throw new Error(`${command.name}: not all of it succeeded`);
  const protectedPart = response.value.results.map(({ data }) => decodeProtectedResponse(data)?.sealed ?? null)[0];
  const plain = protectedPart ? new Uint8Array(protectedPart.length - 17) : null;
  const { signature } = asked.message;
  const privateKey = meterKeys.agreement.privateKey;
  const [askedCovered, toldCovered] = [asked, answered].map(
    ({ authenticated }) => new Uint8Array(6 + authenticated.length),
  );
  return () => {
    const broker = diffieHellman({ privateKey, publicKey: command.brokerKey });
    mac(derived(broker), askedCovered);
    if (signature !== null) {
      verify("sha256", asked.signed, ecdsa(command.signingKey), signature);
      sign("sha256", answered.signed, ecdsa(meterKeys.signing.privateKey));
      return;
    }
    const originator = diffieHellman({ privateKey, publicKey: command.agreementKey });
    if (plain !== null) mac(derived(originator), SEALED_COVERED, plain);
    mac(derived(originator), toldCovered);
  };
}

const VECTOR = new Uint8Array(12);
const SEALED_COVERED = new Uint8Array(1);
const ecdsa = (key: KeyObject) => ({ key, dsaEncoding: "ieee-p1363" }) as const;

function derived(secret: Uint8Array): Uint8Array {
  const input = new Uint8Array(69);
  input.set(secret, 4);
  return hash("sha256", input, "buffer").subarray(0, 16);
}

function mac(key: Uint8Array, covered: Uint8Array | undefined, plain?: Uint8Array): void {
  const cipher = createCipheriv("aes-128-gcm", key, VECTOR, TAG).setAAD(covered ?? SEALED_COVERED);
  if (plain !== undefined) cipher.update(plain);
  cipher.final();
  cipher.getAuthTag();
}

function decoded(bytes: Uint8Array) {
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.fault);
  return message;
}

const all = commands().map((command): Measured => {
  return { command, works: { answer: () => void told(command), limit: limitOf(command) } };
});
for (let warm = 0; warm < WARM; warm++)
  for (const { works } of all) {
    works.answer();
    works.limit();
  }
const result: Answering = { rounds: ROUNDS, commands: all.map(measured) };
process.stdout.write(`${JSON.stringify(result)}\n`);
