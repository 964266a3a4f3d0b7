// How the program ends when it cannot go on: a code, a reason, the next step. Never a stack trace for a user.

import { OurBug } from "../ledger/assert.js";

/** The world refused (exit 1) or the program was used wrongly (exit 2). */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly reason: string,
    readonly next: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(reason);
  }
}

export function refuse(refusal: { readonly code: string; readonly reason: string; readonly next: string }): never {
  throw new Refusal(refusal.code, refusal.reason, refusal.next);
}

export function usedWrongly(reason: string, next: string): never {
  throw new Refusal("usage", reason, next, 2);
}

/** Says what went wrong on stderr and gives the exit code: 1 the world, 2 used wrongly, 70 our bug. */
export function tellError(error: unknown, json: boolean): number {
  const refusal = error instanceof Refusal ? error : worldFault(error);
  if (refusal !== null) {
    const { code, reason, next } = refusal;
    process.stderr.write(
      json ? `${JSON.stringify({ code, reason, next })}\n` : `esme: ${reason} [${code}]\n  ${next}\n`,
    );
    return refusal.exitCode;
  }
  const reason = error instanceof Error ? error.message : String(error);
  const next = "this is a bug in esme: please report it with the command you gave";
  if (json) process.stderr.write(`${JSON.stringify({ code: "our-bug", reason, next })}\n`);
  else process.stderr.write(`esme: ${reason} [our-bug]\n  ${next}\n`);
  if (process.env.ESME_TRACE && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 70;
}

const WORLD: { readonly [code: string]: string } = {
  ENOENT: "check the path",
  EACCES: "check who may read and write there",
  EPERM: "check who may read and write there",
  EISDIR: "name a file, not a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENAMETOOLONG: "give a shorter path",
  ELOOP: "a link of the path leads back to itself: check the path",
  ESPIPE: "name a file: a pipe cannot be read from where it is needed",
  ENXIO: "name a file: that is a socket, or a device that is not there",
  EIO: "the disk or device does not read or write: check it, then try again",
  ENOSPC: "make room on the disk, then try again",
  EROFS: "the disk is read-only: choose another folder with --data",
  SQLITE_CORRUPT: "the store is damaged: restore a copy of the data directory, or begin a new one with --data",
  SQLITE_NOTADB: "the store is damaged: restore a copy of the data directory, or begin a new one with --data",
  "store-damaged": "it has not been touched: keep a copy, then put back a snapshot or a copy from before",
  SQLITE_FULL: "make room on the disk, then try again",
  SQLITE_IOERR: "the disk does not read or write: check it, then try again",
  EADDRINUSE: "another program listens there: choose another port",
  ECONNREFUSED: "nothing listens there: start it first",
};

/** "ENOENT: no such file or directory, open 'x'" as "x: no such file or directory". */
function inWords(error: Error): string {
  const { path } = error as NodeJS.ErrnoException;
  const [, what] = /^E[A-Z]+: ([^,]+)/.exec(error.message) ?? [];
  return path === undefined || what === undefined ? error.message : `${path}: ${what}`;
}

function worldFault(error: unknown): Refusal | null {
  if (error instanceof OurBug || !(error instanceof Error)) return null;
  const code = (error as NodeJS.ErrnoException).code;
  // SQLite says more precisely what went wrong behind a second underscore.
  const next = code === undefined ? undefined : WORLD[code.replace(/^(SQLITE_[A-Z]+)_.*$/, "$1")];
  return next === undefined ? null : new Refusal(String(code).toLowerCase(), inWords(error), next);
}
