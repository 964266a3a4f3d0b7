// A calibration in words: what to do in each step, what was seen, and what came of it.

import type { ChannelConstants } from "../../lab/calibration/constants.js";
import type { Fitted, Verdict } from "../../lab/calibration/fit.js";
import type { Place } from "../../lab/calibration/placing.js";
import type { Load } from "../../lab/calibration/reference.js";
import { table } from "../table.js";

export const TO_DO: { readonly [load in Load]: string } = {
  nothing: "Nothing on: take the clamp off its wire and close it, or switch everything off.",
  resistive: "A kettle, about 10 A: put the clamp on the wire and switch the kettle on. Fill it well: it has to last.",
  "reactive-low": "A small motor, transformer or capacitor, about 1 A with a power factor about 0.5, and nothing else.",
  "reactive-high":
    "The same with about 20 A through the clamp: a larger one, or several turns of its wire through the clamp.",
};

export function placesInWords(places: readonly Place[]): string {
  const rows = places.map(({ clamp, change_w, share, is, turned }) => [
    `clamp ${clamp}`,
    `${change_w.toFixed(0)} W`,
    `${(100 * share).toFixed(0)} % of the reference's`,
    is === "there"
      ? turned
        ? "there, the other way round"
        : "there, the right way round"
      : is === "elsewhere"
        ? "not on that wire"
        : "unclear",
  ]);
  return `What each clamp saw of the load:\n${table(["", "change", "share", "place"], rows)}\n`;
}

export function residualsInWords({ clamps }: Fitted): string {
  const rows = clamps.flatMap(({ clamp, residuals }) =>
    residuals.map(({ load, percent, degrees }) => [
      `clamp ${clamp}`,
      load,
      `${signed(percent, 2)} %`,
      `${signed(degrees, 3)} degree`,
    ]),
  );
  const verdicts = clamps.map(({ clamp, verdict }) => `clamp ${clamp}: ${verdictInWords(verdict)}`);
  const head = ["", "step", "power", "angle"];
  return `What is left after the fit:\n${table(head, rows)}\n${verdicts.join("\n")}\n`;
}

function verdictInWords(verdict: Verdict): string {
  switch (verdict.kind) {
    case "good":
      return `good, within ${verdict.within_percent.toFixed(2)} %`;
    case "repeat":
      return (
        `repeat ${verdict.load}: it is not like the others; should it stay so, this clamp cannot be had to within less than ` +
        `${verdict.within_percent.toFixed(2)} %`
      );
    case "limited":
      return `this clamp cannot be had to within less than ${verdict.within_percent.toFixed(2)} %`;
    case "impossible":
      return verdict.reason;
  }
}

export function constantsInWords(channels: readonly ChannelConstants[]): string {
  const rows = channels.map(({ channel, gain, phase_mdeg, offset_mw, offset_mvar, slope_mdeg }) => [
    channel === 0 ? "voltage" : `clamp ${channel}`,
    `${gain} ${channel === 0 ? "uV" : "uA"}/step`,
    `${(phase_mdeg / 1_000).toFixed(3)} degree`,
    channel === 0 ? "" : `${(slope_mdeg / 1_000).toFixed(3)} degree/octave`,
    channel === 0 ? "" : `${(offset_mw / 1_000).toFixed(2)} W`,
    channel === 0 ? "" : `${(offset_mvar / 1_000).toFixed(2)} var`,
  ]);
  return `${table(["", "gain", "phase", "slope", "P at 230 V", "Q at 230 V"], rows)}\n`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(digits)}`;
}
