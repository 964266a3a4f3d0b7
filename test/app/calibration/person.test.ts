// A person at the bench who mistypes: what no display shows is asked again, and nothing is rounded in silence.

import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { personAt } from "../../../host/app/calibration/person.js";

function desk(typed: string) {
  const out = new PassThrough();
  let shown = "";
  out.setEncoding("utf8").on("data", (text) => {
    shown += text;
  });
  const { person, close } = personAt(Readable.from([typed]), out, [1], 0.5, "typed");
  const [nothing, resistive, low] = person.steps;
  if (nothing === undefined || resistive === undefined || low === undefined) throw new Error("a step is missing");
  return { person, close, steps: { nothing, resistive, low }, shown: () => shown };
}

test("volts of ten times the mains, words and a unit are asked again", async () => {
  const { person, steps, shown, close } = desk("2302\n230 V\nmany\n230,2\n2258.1\n");
  expect(await person.typed(steps.resistive)).toMatchObject({ volts: 230.2, watts: 2258.1 });
  expect(shown().match(/V from 20 to 300/g)).toHaveLength(3);
  close();
});

test("a wire passes through a whole number of times", async () => {
  const { person, steps, shown, close } = desk("\nn\n2.5\n0\n1e9\n10\n");
  expect(await person.ready(steps.low)).toBe("done");
  expect(steps.low).toMatchObject({ current: "lags", turns: 10 });
  expect(shown().match(/passes from 1 to 100/g)).toHaveLength(3);
  close();
});
