// The stories to teach with: each comes out as predicted, the prediction is said before anything runs, and a wrong word is refused.

import { describe, expect, test } from "vitest";
import { bst } from "../../host/app/stories/bst.js";
import { clockStep } from "../../host/app/stories/clock-step.js";
import { diverter } from "../../host/app/stories/diverter.js";
import { imbalance } from "../../host/app/stories/imbalance.js";
import { STORY_NAMES } from "../../host/app/stories/names.js";
import { outageStory } from "../../host/app/stories/outage.js";
import { claims, type Story } from "../../host/app/stories/story.js";
import { toldTo } from "../../host/app/stories/tell.js";
import { esme } from "../proof/crash-bench.js";

const STORIES = [diverter, imbalance, clockStep, outageStory, bst];

async function heard(story: Story, json = false): Promise<{ agrees: boolean; text: string }> {
  const said: string[] = [];
  const agrees = await toldTo((text) => said.push(text), story, json);
  return { agrees, text: said.join("") };
}

const TRIVIAL: Story = {
  name: "bst",
  title: "Two and two",
  words: ["2 + 2 = 4"],
  prediction: claims("sum", [
    ["of two numbers", 4, "Wh"],
    ["in words", "four"],
  ]),
  live: () => new Map([["sum", { "of two numbers": 4, "in words": "four" }]]),
  notice: ["Look."],
};

test("there is a story for each name", () => {
  expect(STORIES.map(({ name }) => name)).toEqual(STORY_NAMES);
});

describe("a story", () => {
  test.each(STORIES.map((story) => [story.name, story] as const))(
    "comes out as predicted, twice the same: %s",
    async (_, story) => {
      const first = await heard(story);
      expect(first.agrees, first.text).toBe(true);
      expect(first.text).toContain(`agree in all ${story.prediction.length} lines`);
      expect((await heard(story)).text).toBe(first.text);
    },
  );

  test("says its prediction, all of it, before anything runs", async () => {
    const said: string[] = [];
    let before = "";
    const story: Story = {
      ...TRIVIAL,
      live: () => {
        before = said.join("");
        return TRIVIAL.live();
      },
    };
    await toldTo((text) => said.push(text), story, false);
    expect(before).toContain("2 + 2 = 4");
    expect(before).toMatch(/PREDICTION\n.*\nsum +of two numbers +4 Wh\n +in words +four/);
    expect(before).not.toContain("outcome");
    expect(said.join("").slice(before.length)).toMatch(
      /sum +of two numbers +4 Wh +4 Wh +0\n +in words +four +four +same/,
    );
  });

  test("that comes out otherwise, or not at all, says so in the line and in the end", async () => {
    const live = () => new Map([["sum", { "of two numbers": 5 }]]);
    const { agrees, text } = await heard({ ...TRIVIAL, live });
    expect(agrees).toBe(false);
    expect(text).toMatch(/of two numbers +4 Wh +5 Wh +\+1 \*/);
    expect(text).toMatch(/in words +four +nothing +other \*/);
    expect(text).toContain("differ in 2 of 2 lines");
    const json = JSON.parse((await heard({ ...TRIVIAL, live }, true)).text);
    expect(json.agrees).toBe(false);
    expect(json.outcome.map((one: { value: unknown }) => one.value)).toEqual([5, null]);
  });

  test.each(STORIES.map((story) => [story.name, story] as const))(
    "is words of at most 120 characters a line, and names each line once: %s",
    async (_, { words, notice, prediction }) => {
      expect([...words, ...notice].filter((line) => line.length > 120)).toEqual([]);
      expect(new Set(prediction.map(({ part, what }) => `${part}: ${what}`)).size).toBe(prediction.length);
    },
  );
});

test("what the diverter's windows lose does not depend on where they fall: an auditor's sum in milliseconds", () => {
  /** 1 while the heater is on, -1 while it is off. */
  const way = (ms: number, burst_ms: number) => (Math.floor(ms / burst_ms) % 2 === 0 ? 1 : -1);
  const booked = (burst_ms: number, window_ms: number, late_ms: number) => {
    let [imported, exported] = [0, 0];
    for (let from = late_ms; from < late_ms + 10_000; from += window_ms) {
      let sum = 0;
      for (let ms = from; ms < from + window_ms; ms++) sum += way(ms, burst_ms);
      if (sum > 0) imported += sum;
      else exported -= sum;
    }
    // Of the 5,000 ms that each way really took, 75 Wh in the story.
    return [(imported * 75) / 5_000, (exported * 75) / 5_000];
  };
  for (const [burst_ms, window_ms, wh] of [
    [100, 200, 0],
    [100, 1_000, 0],
    [500, 200, 60],
    [500, 1_000, 0],
    [2_500, 200, 72],
    [2_500, 1_000, 60],
  ] as const)
    for (let late_ms = 0; late_ms < 1_000; late_ms += 7)
      expect(booked(burst_ms, window_ms, late_ms), `${burst_ms} ${window_ms} ${late_ms}`).toEqual([wh, wh]);
});

describe("on the command line", () => {
  test("a story ends with 0, its prediction before its outcome; with --json it is one object", async () => {
    const { code, stdout } = await esme("demo", "--story", "imbalance");
    expect(code).toBe(0);
    const [prediction, outcome] = [stdout.indexOf("\nPREDICTION\n"), stdout.indexOf("\nPREDICTION AND OUTCOME\n")];
    expect(prediction).toBeGreaterThan(0);
    expect(outcome).toBeGreaterThan(prediction);
    const json = JSON.parse((await esme("demo", "--story", "imbalance", "--json")).stdout);
    expect(Object.keys(json)).toEqual(["schema", "story", "prediction", "outcome", "agrees"]);
    expect(json).toMatchObject({ schema: "esme/story/1", story: "imbalance", agrees: true });
    expect(json.outcome).toHaveLength(json.prediction.length);
  });

  test.each([
    [["--story", "imbalence"], /no story "imbalence" \(Did you mean imbalance\?\)/],
    [["--story", "solar"], /no story "solar" \[/],
    [["--story", "bst", "--for", "5s"], /'--story <name>' cannot be used with option '--for <duration>'/],
    [["--story", "bst", "--data", "house"], /cannot be used with option '--data <dir>'/],
    [["--story", "bst", "--seed", "2"], /cannot be used with option '--seed <n>'/],
  ])("%j is refused with 2", async (words, reason) => {
    const { code, stderr, stdout } = await esme("demo", ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
    expect(stdout).toBe("");
  });
});
