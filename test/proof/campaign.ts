// `npm run campaign -- --minutes N`: every case of every proof at full effort (`--only WORD`: of some). Stops between cases when its
// time is over and goes on where it stopped; the result is committed with the hash of the image that it is about, and CI holds it
// against the image.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PREBUILT_IMAGE } from "../../host/sim/board-options.js";
import { PROOFS } from "./all.js";
import type { Verdict } from "./proof.js";

const RESULT = join(process.cwd(), "test", "proof", "campaign.json");

interface Campaign {
  readonly schema: "esme/campaign/1";
  readonly image_sha256: string;
  readonly seed: number;
  /** Cases not run yet. */
  left: number;
  readonly results: { [key: string]: Verdict };
}

function argument(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return otherwise;
  const value = Number(process.argv[at + 1]);
  if (Number.isFinite(value) && value > 0) return value;
  process.stderr.write(`campaign: --${name} takes a positive number\n`);
  process.exit(2);
}

/** Only the proofs whose name holds this word; all of them where it is left out. */
const chosen = process.argv.includes("--only") ? (process.argv[process.argv.indexOf("--only") + 1] ?? "") : "";
const minutes = argument("minutes", 60);
const seed = argument("seed", 1);
const image_sha256 = createHash("sha256").update(readFileSync(PREBUILT_IMAGE)).digest("hex");
const before: Campaign | null = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, "utf8")) : null;
const same = before !== null && before.image_sha256 === image_sha256 && before.seed === seed;
const campaign: Campaign = {
  schema: "esme/campaign/1",
  image_sha256,
  seed,
  left: 0,
  results: same ? before.results : {},
};
const until_ms = performance.now() + minutes * 60_000;

process.stdout.write(
  `campaign: seed ${seed}, image ${image_sha256.slice(0, 12)}, ${minutes} minutes${same ? ", resumed" : ""}\n`,
);
const cases = PROOFS.flatMap((proof) =>
  proof.cases("full").map((case_) => ({ proof, case_, key: `${proof.name}: ${case_}` })),
);
const known = () => cases.filter(({ key }) => campaign.results[key]?.ok === true).length;
for (const { proof, case_, key } of cases) {
  if (campaign.results[key]?.ok === true || !proof.name.includes(chosen)) continue;
  if (performance.now() > until_ms) break;
  const verdict = await proof
    .run(case_, seed)
    .catch((error: Error) => ({ ok: false, said: error.message, figures: {} }));
  campaign.results[key] = verdict;
  campaign.left = cases.length - Object.keys(campaign.results).length;
  writeFileSync(RESULT, `${JSON.stringify(campaign, null, 1)}\n`);
  process.stdout.write(`${verdict.ok ? "ok  " : "FAIL"} ${key}: ${verdict.said}\n`);
}
const failed = Object.entries(campaign.results).filter(([, verdict]) => !verdict.ok);
process.stdout.write(
  `${known()} of ${cases.length} cases passed, ${failed.length} failed, ${campaign.left} left for the next run\n`,
);
process.exit(failed.length > 0 ? 1 : 0);
