// `esme demo --story`: the prediction is printed before anything runs; then the story runs, and both stand side by side.

import { table } from "../table.js";
import type { StoryName } from "./names.js";
import { type Claim, type Compared, compare, type Story, type Value } from "./story.js";

const STORIES: { readonly [name in StoryName]: () => Promise<Story> } = {
  diverter: async () => (await import("./diverter.js")).diverter,
  imbalance: async () => (await import("./imbalance.js")).imbalance,
  "clock-step": async () => (await import("./clock-step.js")).clockStep,
  outage: async () => (await import("./outage.js")).outageStory,
  bst: async () => (await import("./bst.js")).bst,
};

/** Tells a story; the process ends with 1 where prediction and outcome do not agree. */
export async function tell(name: StoryName, json: boolean): Promise<void> {
  const agrees = await toldTo((text) => void process.stdout.write(text), await STORIES[name](), json);
  if (!agrees) process.exitCode = 1;
}

/** The same, to anybody who listens; true where they agree. */
export async function toldTo(write: (text: string) => void, story: Story, json: boolean): Promise<boolean> {
  if (!json) write(`${predictionText(story)}\n\nRunning ...\n\n`);
  const compared = compare(story.prediction, await story.live());
  const agrees = compared.every((one) => one.agrees);
  write(`${json ? jsonOf(story, compared, agrees) : outcomeText(story, compared)}\n`);
  return agrees;
}

function predictionText({ name, title, words, prediction }: Story): string {
  const rows = prediction.map((claim, index) => [
    partOf(prediction, index),
    claim.what,
    shown(claim.value, claim.unit),
    claim.within === 0 ? "" : `within ${claim.within} ${claim.unit}`,
  ]);
  const head = ["", "", "predicted", ""];
  return [`${title} (${name})`, "", ...words, "", "PREDICTION", table(head, rows)].join("\n");
}

function outcomeText({ notice }: Story, compared: readonly Compared[]): string {
  const rows = compared.map((one, index) => [
    partOf(compared, index),
    one.what,
    shown(one.value, one.unit),
    one.outcome === null ? "nothing" : shown(one.outcome, one.unit),
    differenceOf(one),
  ]);
  const wrong = compared.filter((one) => !one.agrees).length;
  const verdict =
    wrong === 0
      ? `Prediction and outcome agree in all ${compared.length} lines.`
      : `Prediction and outcome differ in ${wrong} of ${compared.length} lines, marked with *.`;
  const head = ["", "", "predicted", "outcome", "difference"];
  return ["PREDICTION AND OUTCOME", table(head, rows), "", verdict, "", ...notice].join("\n");
}

function jsonOf({ name, prediction }: Story, compared: readonly Compared[], agrees: boolean): string {
  const outcome = compared.map(({ part, what, outcome, unit, difference, agrees }) => ({
    part,
    what,
    value: outcome,
    unit,
    difference: difference === null ? null : rounded(difference),
    agrees,
  }));
  return JSON.stringify({ schema: "esme/story/1", story: name, prediction, outcome, agrees });
}

/** The name of a part stands at its first line only. */
function partOf(rows: readonly Claim[], index: number): string {
  const part = rows[index]?.part ?? "";
  return rows[index - 1]?.part === part ? "" : part;
}

function differenceOf({ difference, agrees }: Compared): string {
  const mark = agrees ? "" : " *";
  if (difference === null) return agrees ? "same" : `other${mark}`;
  const off = rounded(difference);
  return `${off > 0 ? "+" : ""}${off}${mark}`;
}

function shown(value: Value, unit: string): string {
  return typeof value === "number" ? `${rounded(value)} ${unit}`.trimEnd() : value;
}

/** To three decimals, for the eye: -0 is 0. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000 + 0;
}
