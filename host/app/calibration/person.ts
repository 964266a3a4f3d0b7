// The person at the bench: asked line by line, in words; what comes in may also be piped.

import { createInterface } from "node:readline";
import { goodWithin } from "../../lab/calibration/answers.js";
import type { Clamp } from "../../lab/calibration/constants.js";
import type { Person } from "../../lab/calibration/procedure.js";
import { LOADS, type Step, type Told } from "../../lab/calibration/reference.js";
import { inRange, SHOWN } from "./answers-file.js";
import { placesInWords, residualsInWords, TO_DO } from "./told.js";

export interface Asking {
  readonly person: Person;
  close(): void;
}

export function personAt(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  clamps: readonly Clamp[],
  within_percent: number,
  reference: string,
): Asking {
  const lines = createInterface({ input, terminal: false });
  const waiting: string[] = [];
  const asked: ((line: string | null) => void)[] = [];
  let over = false;
  lines.on("line", (line) => (asked.shift() ?? ((text) => waiting.push(text ?? "")))(line));
  lines.on("close", () => {
    over = true;
    for (const answer of asked.splice(0)) answer(null);
  });
  const say = (text: string) => void output.write(text.endsWith("\n") ? text : `${text}\n`);
  /** null where nobody answers any more. */
  const ask = (question: string): Promise<string | null> => {
    output.write(question);
    const early = waiting.shift();
    if (early !== undefined || over) return Promise.resolve(early ?? null);
    return new Promise((resolve) => asked.push(resolve));
  };
  const yes = async (question: string) => /^y(es)?$/i.test(((await ask(`${question} [y/N] `)) ?? "").trim());
  const number = async (question: string, shown: keyof typeof SHOWN): Promise<number | null> => {
    const [what, from, to] = SHOWN[shown];
    for (;;) {
      const text = await ask(question);
      if (text === null || text.trim() === "") return null;
      const value = Number(text.trim().replace(",", "."));
      if (value >= from && value <= to && (shown !== "turns" || Number.isInteger(value))) return value;
      say(`  ${inRange(what, from, to)}; an empty line where the display does not show it`);
    }
  };
  const steps: Step[] = LOADS.map((load) => ({ load, current: null, turns: 1 }));
  /** Which way a reactive load lies and how often its wire passes through is asked when it comes. */
  const details = async (step: Step): Promise<void> => {
    if (!step.load.startsWith("reactive")) return;
    const leads = await yes("  Is it a capacitor, whose current leads? (A motor or transformer: no.)");
    const turns = (await number("  How often does its wire pass through the clamp? (empty: once) ", "turns")) ?? 1;
    Object.assign(step, { current: leads ? "leads" : "lags", turns });
  };
  const person: Person = {
    clamps,
    steps,
    within_percent,
    wait_s: 120,
    say,
    ready: async (step) => {
      say(`\nStep ${LOADS.indexOf(step.load) + 1} of ${LOADS.length}, ${step.load}. ${TO_DO[step.load]}`);
      if ((await ask("  Press Enter when that is so. ")) === null) return "stop";
      await details(step);
      say("  looking, until it is steady and the noise small enough (10 s to 5 min)");
      return "done";
    },
    typed: async (step): Promise<Told | null> => {
      say("  It is steady. Read the display, all of it at once:");
      const volts = await number("  volts: ", "volts");
      if (step.load === "nothing") return { volts, amps: null, watts: null, vars: null, pf: null };
      const watts = await number("  watts: ", "watts");
      if (step.load === "resistive") return { volts, amps: null, watts, vars: null, pf: null };
      const vars = await number("  vars (empty: not shown): ", "vars");
      const amps = vars === null ? await number("  amps (empty: not shown): ", "amps") : null;
      const pf = vars === null && amps === null ? await number("  power factor: ", "pf") : null;
      const signed = vars === null ? null : Math.abs(vars) * (step.current === "leads" ? -1 : 1);
      return { volts, amps, watts, vars: signed, pf };
    },
    turnRound: async (places) => {
      say(placesInWords(places));
      const turned = places.filter((place) => clamps.includes(place.clamp) && place.turned).map(({ clamp }) => clamp);
      const agreed: Clamp[] = [];
      for (const clamp of turned)
        if (await yes(`Clamp ${clamp} sees the current the other way round. Shall its sign be changed?`))
          agreed.push(clamp);
      return agreed;
    },
    again: async (_, reason) => {
      say(`  ${reason}`);
      return yes("  Try this step again?");
    },
    agreed: async (fitted) => {
      say(`\n${residualsInWords(fitted)}`);
      if (!goodWithin(fitted, within_percent)) say(`That is not within ${within_percent} %.`);
      return yes(`Write this to the board (reference: ${reference})?`);
    },
  };
  return { person, close: () => lines.close() };
}
