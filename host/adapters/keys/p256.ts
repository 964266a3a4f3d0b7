// P-256 keys between files and node:crypto: a point or a scalar in hexadecimal, a KeyObject, a secret shared by two.

import { createECDH, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";

/** Coordinates, 64 hexadecimal digits each. */
export interface Point {
  readonly x: string;
  readonly y: string;
}

/** Null where the point is not on the curve. */
export function publicKeyOf(point: Point): KeyObject | null {
  try {
    return createPublicKey({ key: jwkOf(point), format: "jwk" });
  } catch {
    return null;
  }
}

/** Null where the scalar is not that of the point. */
export function privateKeyOf(point: Point, scalar: string): KeyObject | null {
  try {
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(scalar, "hex");
    if (pair.getPublicKey("hex") !== `04${point.x}${point.y}`.toLowerCase()) return null;
    return createPrivateKey({ key: { ...jwkOf(point), d: base64url(scalar) }, format: "jwk" });
  } catch {
    return null;
  }
}

/** The coordinates of a key, and its scalar where it is private. */
export function hexOf(key: KeyObject): { readonly x: string; readonly y: string; readonly scalar: string | null } {
  const { x = "", y = "", d } = key.export({ format: "jwk" });
  return { x: hex(x), y: hex(y), scalar: d === undefined ? null : hex(d) };
}

export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
}

/** Z of ECDH, 32 octets. */
export function sharedSecret(privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  return diffieHellman({ privateKey, publicKey });
}

function jwkOf({ x, y }: Point) {
  return { kty: "EC", crv: "P-256", x: base64url(x), y: base64url(y) };
}

const base64url = (digits: string) => Buffer.from(digits, "hex").toString("base64url");
const hex = (text: string) => Buffer.from(text, "base64url").toString("hex");
