// `esme commission`: keys made once, readable by their owner only, certificates as a device has them, a meter that agrees with its parties.

import { spawnSync } from "node:child_process";
import { createPublicKey, X509Certificate } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readCertificate } from "../../host/adapters/keys/certificate.js";
import { type Commissioned, commission, type Wish } from "../../host/adapters/keys/commissioning.js";
import { houseKeyring } from "../../host/adapters/keys/house-keys.js";
import { keyringOfKeystore } from "../../host/adapters/keys/keystore-file.js";
import { takeLock } from "../../host/adapters/lock.js";
import type { Keyring } from "../../host/gbcs/keyring.js";
import { signatureIsRight } from "../../host/gbcs/security.js";
import { esme } from "../proof/crash-bench.js";

const folder = mkdtempSync(join(tmpdir(), "esme-commission-"));
let houses = 0;
const freshHouse = () => mkdtempSync(join(folder, `house-${++houses}-`));
const NOW = new Date("2026-06-01T12:00:00Z");
const PLAIN: Wish = { identity: null, parties: null, laboratory: false, renew: false, now: NOW };
const METER = "0200000000000001";

async function commissioned(house: string, wish: Partial<Wish> = {}): Promise<Commissioned> {
  const done = await commission(house, { ...PLAIN, ...wish });
  if (!done.ok) throw new Error(done.reason);
  return done;
}

async function refusal(house: string, wish: Partial<Wish> = {}): Promise<string> {
  const done = await commission(house, { ...PLAIN, ...wish });
  return done.ok ? "done" : done.code;
}

function keyringOf(house: string): Keyring {
  const made = houseKeyring(house);
  if (!made.ok) throw new Error(made.reason);
  return made.keyring;
}

/** Every file below, with its text. */
function filesIn(dir: string): ReadonlyMap<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(dir, name)).isFile(),
  );
  return new Map(names.map((name) => [name, readFileSync(join(dir, name), "utf8")]));
}

describe("in an empty directory", () => {
  const house = freshHouse();
  const keys = join(house, "keys");
  let done: Commissioned;
  beforeAll(async () => {
    done = await commissioned(house, { laboratory: true });
  });

  test("the meter gets an EUI-64 that is nobody else's: locally administered, of one device", () => {
    expect(done.identity).toMatch(/^[0-9a-f]{16}$/);
    expect(Number.parseInt(done.identity.slice(0, 2), 16) & 3).toBe(2);
    expect(keyringOf(house).identity).toBe(done.identity);
  });

  test.skipIf(process.platform === "win32")("folders are 0700 and files 0600", () => {
    for (const name of ["", ...readdirSync(keys, { recursive: true, encoding: "utf8" })]) {
      const found = statSync(join(keys, name));
      expect(found.mode & 0o777, name).toBe(found.isDirectory() ? 0o700 : 0o600);
    }
    expect([...filesIn(keys).keys()].sort()).toEqual([
      "authority.crt",
      "authority.key",
      "digital-signature.crt",
      "digital-signature.key",
      "key-agreement.crt",
      "key-agreement.key",
      join("laboratory", "keystore.json"),
      "parties.json",
    ]);
  });

  test("its certificates are P-256, of that EUI-64, for one use each, issued by the house, without end", () => {
    const authority = new X509Certificate(readFileSync(join(keys, "authority.crt")));
    expect(authority.ca).toBe(true);
    for (const use of ["digital-signature", "key-agreement"]) {
      const certificate = new X509Certificate(readFileSync(join(keys, `${use}.crt`)));
      expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
      expect(certificate.verify(authority.publicKey), use).toBe(true);
      expect(certificate.checkIssued(authority), use).toBe(true);
      expect(certificate.ca).toBe(false);
      expect(certificate.subject ?? "").toBe("");
      expect(new Date(certificate.validFrom)).toEqual(NOW);
      expect(certificate.validTo).toBe("Dec 31 23:59:59 9999 GMT");
      expect(certificate.publicKey.equals(createPublicKey(readFileSync(join(keys, `${use}.key`)))), use).toBe(true);
      expect(readCertificate(certificate.raw)).toMatchObject({
        names: done.identity,
        digitalSignature: use === "digital-signature",
        keyAgreement: use === "key-agreement",
      });
    }
  });

  const openssl = (...words: string[]) => spawnSync("openssl", words, { encoding: "utf8" });
  test.skipIf(openssl("version").status !== 0)(
    "openssl reads the same, and finds the chain whole (needs openssl)",
    () => {
      for (const [use, said] of [
        ["digital-signature", "Digital Signature"],
        ["key-agreement", "Key Agreement"],
      ] as const) {
        const path = join(keys, `${use}.crt`);
        expect(openssl("verify", "-CAfile", join(keys, "authority.crt"), path).stdout).toBe(`${path}: OK\n`);
        const text = openssl("x509", "-in", path, "-noout", "-text").stdout;
        expect(text).toMatch(new RegExp(`X509v3 Key Usage: critical\\n *${said}\\n`));
        expect(text).toMatch(/X509v3 Subject Alternative Name: critical\n *othername: 1\.3\.6\.1\.5\.5\.7\.8\.4:/);
        expect(text).toMatch(/NIST CURVE: P-256/);
        const der = openssl("asn1parse", "-in", path).stdout;
        expect(der).toMatch(new RegExp(`OCTET STRING.*0408${done.identity}$`, "im"));
      }
    },
  );

  test("meter and laboratory agree on the same secrets, and know each other's signatures", () => {
    const meter = keyringOf(house);
    const laboratory = JSON.parse(readFileSync(join(keys, "laboratory", "keystore.json"), "utf8"));
    expect(done.parties.map(({ role }) => role).sort()).toEqual([
      "accessControlBroker",
      "loadController",
      "networkOperator",
      "supplier",
    ]);
    const point = publicPointOf(join(keys, "key-agreement.key"));
    const path = join(folder, "seen-by-the-laboratory.json");
    writeFileSync(path, JSON.stringify({ ...laboratory, [done.identity]: { ka: point } }));
    for (const { eui, role } of done.parties) {
      // From the laboratory's side: its private keys and the meter's public point.
      const side = keyringOfKeystore(path, done.identity);
      if (!side.ok) throw new Error(side.reason);
      expect(meter.roleOf(eui)).toBe(role);
      expect(meter.secretWith(eui)).toEqual(side.keyring.secretWith(eui));
      expect(meter.secretWith(eui)).toHaveLength(32);
      const { ds, ka } = laboratory[eui];
      const party = keyringOfKeystore(fileWith({ [eui]: { ds, ka } }), eui);
      if (!party.ok) throw new Error(party.reason);
      const signed = new TextEncoder().encode(eui);
      expect(meter.verify(eui, signed, party.keyring.sign(signed))).toBe(true);
      expect(meter.verify(eui, signed.subarray(1), party.keyring.sign(signed))).toBe(false);
    }
    const signed = new Uint8Array([9, 2]);
    const certificate = new X509Certificate(readFileSync(join(keys, "digital-signature.crt")));
    expect(signatureIsRight(certificate.publicKey, signed, meter.sign(signed))).toBe(true);
  });

  test("what the meter keeps of its parties has no private keys", () => {
    expect(readFileSync(join(keys, "parties.json"), "utf8")).not.toMatch(/testScalar|PRIVATE/);
  });

  test("a second run is refused, and changes nothing", async () => {
    const before = filesIn(keys);
    expect(await refusal(house)).toBe("keys-exist");
    expect(await refusal(house, { identity: METER })).toBe("keys-exist");
    expect(await refusal(house, { laboratory: true })).toBe("laboratory-exists");
    expect(filesIn(keys)).toEqual(before);
  });
});

describe("renewed", () => {
  test("the meter has new keys under its old name, its parties stay, and so do the old keys, beside", async () => {
    const house = freshHouse();
    const first = await commissioned(house, { laboratory: true });
    const old = filesIn(join(house, "keys"));
    const again = await commissioned(house, { renew: true });
    expect(again.identity).toBe(first.identity);
    expect(again.parties).toEqual(first.parties);
    expect(again.before).toBe(join(house, "keys-before-20260601T120000Z"));
    expect(filesIn(again.before ?? "")).toEqual(old);
    const now = filesIn(join(house, "keys"));
    for (const [name, text] of old) expect(now.get(name) === text, name).toBe(name.endsWith(".json"));
    expect(keyringOf(house).identity).toBe(first.identity);
    expect(readdirSync(house).sort()).toEqual(["keys", "keys-before-20260601T120000Z"]);
  });

  test("twice within a second both old folders stay", async () => {
    const house = freshHouse();
    await commissioned(house);
    await commissioned(house, { renew: true });
    await commissioned(house, { renew: true });
    expect(readdirSync(house).filter((name) => name.startsWith("keys-before-"))).toHaveLength(2);
  });

  test("without keys it is refused; with an identity the meter takes that one, though its old keys are broken", async () => {
    const house = freshHouse();
    expect(await refusal(house, { renew: true })).toBe("no-keys");
    await commissioned(house);
    rmSync(join(house, "keys", "digital-signature.crt"));
    expect(houseKeyring(house)).toMatchObject({ ok: false, code: "keys-broken" });
    expect(await refusal(house, { renew: true })).toBe("keys-broken");
    await commissioned(house, { renew: true, identity: METER });
    expect(keyringOf(house).identity).toBe(METER);
  });
});

describe("remote parties from a file", () => {
  test("are trusted by their public points only, in a house that has keys or not", async () => {
    const laboratory = freshHouse();
    await commissioned(laboratory, { laboratory: true });
    const bundle = join(laboratory, "keys", "laboratory", "keystore.json");
    const house = freshHouse();
    expect((await commissioned(house)).parties).toEqual([]);
    const { parties } = await commissioned(house, { parties: bundle });
    expect(parties).toHaveLength(4);
    expect(filesIn(join(house, "keys")).get("parties.json")).not.toMatch(/testScalar/);
    // The same again changes nothing, and the file that the other house keeps is a bundle too.
    const before = filesIn(join(house, "keys"));
    await commissioned(house, { parties: join(laboratory, "keys", "parties.json") });
    expect(filesIn(join(house, "keys"))).toEqual(before);
    const broker = parties.find(({ role }) => role === "accessControlBroker")?.eui;
    expect(keyringOf(house).accessControlBroker).toBe(broker);
  });

  test("are refused whole where one has other keys, where there would be two brokers, or nobody has a role", async () => {
    const house = freshHouse();
    await commissioned(house, { laboratory: true });
    const before = filesIn(join(house, "keys"));
    const parties = JSON.parse(before.get("parties.json") ?? "").parties;
    const [eui = ""] = Object.keys(parties);
    const changed = { ...parties[eui], ds: parties[eui].ka };
    expect(await refusal(house, { parties: fileWith({ [eui]: changed }) })).toBe("party-known");
    const broker = { role: "accessControlBroker", ka: parties[eui].ka };
    expect(await refusal(house, { parties: fileWith({ [METER]: broker }) })).toBe("two-brokers");
    expect(await refusal(house, { parties: fileWith({ [METER]: { ka: parties[eui].ka } }) })).toBe("no-parties");
    expect(await refusal(house, { parties: fileWith({ [METER]: { role: "supplier", kb: 1 } }) })).toBe(
      "keys-unreadable",
    );
    expect(await refusal(house, { parties: join(folder, "nowhere.json") })).toBe("keys-unreadable");
    expect(filesIn(join(house, "keys"))).toEqual(before);
  });
});

test("a list of parties edited by hand to two brokers stops the meter at its start", async () => {
  const house = freshHouse();
  await commissioned(house, { laboratory: true });
  const path = join(house, "keys", "parties.json");
  const document = JSON.parse(readFileSync(path, "utf8"));
  const supplier = Object.values(document.parties).find((one) => (one as { role: string }).role === "supplier");
  Object.assign(supplier as object, { role: "accessControlBroker" });
  writeFileSync(path, JSON.stringify(document));
  const read = houseKeyring(house);
  expect(read.ok ? "" : `${read.code}: ${read.reason}`).toMatch(/^keys-broken: .*2 access control brokers/);
});

test("a file of parties that says two things of one, names nobody real, names too many or the meter itself is refused", async () => {
  const house = freshHouse();
  await commissioned(house, { identity: METER, laboratory: true });
  const parties = JSON.parse(readFileSync(join(house, "keys", "parties.json"), "utf8")).parties;
  const supplier = Object.values(parties)[0];
  const refused = (content: unknown) => refusal(house, { parties: fileWith(content) });
  const before = filesIn(join(house, "keys"));
  expect(await refused({ "00000000000000AB": supplier, "00000000000000ab": supplier })).toBe("keys-unreadable");
  expect(await refused({ ffffffffffffffff: supplier })).toBe("keys-unreadable");
  expect(await refused({ "90-b3-d5-1f-30-01-00-00": supplier })).toBe("keys-unreadable");
  const many = Array.from({ length: 1_001 }, (_, at) => [String(at + 1).padStart(16, "0"), { role: "supplier" }]);
  expect(await refused(Object.fromEntries(many))).toBe("too-many-parties");
  expect(await refused({ [METER]: supplier })).toBe("party-is-meter");
  const broker = fileWith({ "00000000000000ab": { role: "accessControlBroker" } });
  expect(await refusal(freshHouse(), { parties: broker })).toBe("broker-without-key");
  expect(filesIn(join(house, "keys"))).toEqual(before);
});

test("where whom the meter trusts cannot be read, it says so, and takes the parties anew when that file is gone", async () => {
  const house = freshHouse();
  await commissioned(house, { laboratory: true });
  const path = join(house, "keys", "parties.json");
  writeFileSync(path, "{");
  expect(houseKeyring(house)).toMatchObject({ code: "keys-broken", next: expect.stringMatching(/--parties FILE/) });
  expect(await refusal(house, { renew: true })).toBe("keys-broken");
  rmSync(path);
  await commissioned(house, { parties: join(house, "keys", "laboratory", "keystore.json") });
  expect(keyringOf(house).accessControlBroker).not.toBeNull();
});

test.skipIf(process.platform === "win32")(
  "keys behind a link that leads nowhere are missing, not never made",
  async () => {
    const house = freshHouse();
    symlinkSync(join(folder, "a-stick-that-is-out"), join(house, "keys"));
    expect(await refusal(house)).toBe("keys-exist");
    const run = await esme("run", "--port", "/dev/null", "--data", house);
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining("[keys-broken]")]);
  },
);

test("a renewal cut short between the two folders is told, and nobody gets another name by it", async () => {
  const house = freshHouse();
  const { identity } = await commissioned(house);
  const { before } = await commissioned(house, { renew: true });
  rmSync(join(house, "keys"), { recursive: true });
  expect(await refusal(house)).toBe("keys-aside");
  const run = await esme("run", "--port", "/dev/null", "--data", house);
  expect([run.code, run.stderr]).toEqual([1, expect.stringContaining("[keys-aside]")]);
  renameSync(before ?? "", join(house, "keys"));
  expect(keyringOf(house).identity).toBe(identity);
});

test("a run that was cut short leaves nothing that the next one stumbles over", async () => {
  const house = freshHouse();
  const other = freshHouse();
  await commissioned(other);
  // As if it had ended before the finished folder took its place.
  renameSync(join(other, "keys"), join(house, "keys-new"));
  expect(houseKeyring(house)).toMatchObject({ ok: false, code: "no-keys" });
  await commissioned(house, { identity: METER });
  expect(keyringOf(house).identity).toBe(METER);
  expect(existsSync(join(house, "keys-new"))).toBe(false);
});

describe("esme commission", () => {
  test("says who the meter is and never a private key, in words and in JSON", async () => {
    const [house, other] = [freshHouse(), freshHouse()];
    const said = await esme("commission", "--data", house, "--laboratory", "--identity", "02-00-00-00-00-00-00-01");
    const told = await esme("commission", "--data", other, "--laboratory", "--json");
    expect([said.code, told.code], said.stderr + told.stderr).toEqual([0, 0]);
    expect(said.stdout).toContain(`the meter is ${METER}\n`);
    const { schema, identity, certificates, parties } = JSON.parse(told.stdout);
    expect({ schema, identity, parties }).toEqual({
      schema: "esme/commission/1",
      identity: keyringOf(other).identity,
      parties: 4,
    });
    expect(certificates.map(({ use }: { use: string }) => use)).toEqual(["digitalSignature", "keyAgreement"]);
    for (const [dir, { stdout, stderr }] of [
      [house, said],
      [other, told],
    ] as const) {
      expect(stdout + stderr).not.toMatch(/PRIVATE|testScalar/);
      const scalars = readFileSync(join(dir, "keys", "laboratory", "keystore.json"), "utf8").matchAll(
        /"testScalar": "(\w+)"/g,
      );
      for (const [, scalar] of scalars) expect(stdout + stderr).not.toContain(scalar);
    }
  });

  test("is refused with its next step when it has keys, when the house is owned, and when the identity is none", async () => {
    const house = freshHouse();
    await commissioned(house);
    const again = await esme("commission", "--data", house, "--json");
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stderr)).toMatchObject({ code: "keys-exist", next: expect.stringContaining("--renew") });
    const lock = takeLock(house);
    if (!lock.ok) throw new Error(lock.reason);
    const owned = await esme("commission", "--data", house, "--renew");
    lock.release();
    expect(owned.code).toBe(1);
    expect(owned.stderr).toContain("[owned]");
    const wrong = await esme("commission", "--data", freshHouse(), "--identity", "12");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("is not an EUI-64");
  });
});

function fileWith(content: unknown): string {
  const path = join(mkdtempSync(join(folder, "file-")), "keys.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function publicPointOf(path: string): { readonly x: string; readonly y: string } {
  const { x = "", y = "" } = createPublicKey(readFileSync(path)).export({ format: "jwk" });
  const digits = (text: string) => Buffer.from(text, "base64url").toString("hex");
  return { x: digits(x), y: digits(y) };
}
