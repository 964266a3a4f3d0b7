// Makes the checkout ready: an acceptable Node, the packages of the lockfile, the compiled host. Imports no package.
// Does nothing, quickly, where everything is in place; safe when two of it run at once.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const stamp = join(root, "node_modules", ".esme-lockfile");
const lock = join(root, ".ready.lock");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19))
  stop(`OpenESME needs Node 20.19 or newer; this is ${process.versions.node}.`);

const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
underLock(() => {
  if (!installed()) install();
  build();
});

function installed() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
}

function install() {
  say("installing the packages of package-lock.json (once, about half a minute) ...");
  const flags = ["--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", ...flags], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (done.status !== 0) stop("npm ci failed, as said above. Is there a network, and is package-lock.json unchanged?");
  writeFileSync(stamp, wanted);
}

function build() {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const main = join(root, "dist", "host", "app", "main.js");
  if (!existsSync(main)) {
    say("building (once, a few seconds) ...");
    // An earlier build's notes without its files would make the compiler believe that all is there.
    rmSync(join(root, "dist"), { recursive: true, force: true });
  }
  const done = spawnSync(process.execPath, [tsc, "-p", root], { cwd: root, stdio: ["ignore", 2, "inherit"] });
  if (done.status !== 0) stop("the build failed, as said above.");
}

/** One at a time: a second process waits for the first, and takes over from one that died. */
function underLock(work) {
  for (let waited = false; !taken(); waited = true) {
    const owner = ownerOfLock();
    if (owner !== null && !alive(owner)) rmSync(lock, { force: true });
    else if (!waited && owner !== null && owner > 0)
      say(`waiting for process ${owner}, which is installing or building ...`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function taken() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** null where the lock has been given free meanwhile: then it is nobody's to remove. */
function ownerOfLock() {
  try {
    return Number(readFileSync(lock, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function alive(pid) {
  // A lock just made may not have its owner's number in it yet.
  if (pid === 0) return Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 2_000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function say(text) {
  process.stderr.write(`esme: ${text}\n`);
}

function stop(text) {
  process.stderr.write(`esme: ${text}\n`);
  rmSync(lock, { force: true });
  process.exit(1);
}
