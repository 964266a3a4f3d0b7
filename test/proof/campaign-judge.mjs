// Holds the committed campaign against the committed image: the same hash, nothing failed, nothing left out.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

const image = createHash("sha256").update(readFileSync("firmware/prebuilt/esme-clamp-uno.hex")).digest("hex");
if (!existsSync("test/proof/campaign.json")) stop("there is no test/proof/campaign.json: run `npm run campaign`");
const campaign = JSON.parse(readFileSync("test/proof/campaign.json", "utf8"));
if (campaign.image_sha256 !== image)
  stop("the committed campaign is of another image: run `npm run campaign` and commit its result");
const failed = Object.entries(campaign.results).filter(([, verdict]) => !verdict.ok);
for (const [key, verdict] of failed) console.log(`failed ${key}: ${verdict.said}`);
if (failed.length > 0) stop(`${failed.length} cases of the campaign failed`);
if (campaign.left > 0)
  stop(`${campaign.left} cases were not run: run \`npm run campaign\` again, it goes on where it stopped`);
console.log(`${Object.keys(campaign.results).length} cases of the campaign, of this image, none failed`);

function stop(text) {
  console.error(`campaign: ${text}`);
  process.exit(1);
}
