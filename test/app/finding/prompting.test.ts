// Asking a person through any stream: defaults, wrong answers, lines typed ahead, the end, and a pipe that never ends.

import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { prompter } from "../../../host/app/finding/prompting.js";

function desk(input: Readable) {
  const out = new PassThrough();
  let shown = "";
  out.setEncoding("utf8").on("data", (text) => {
    shown += text;
  });
  return { asking: prompter(input, out), shown: () => shown };
}

test("an empty line is the default, what is wrong is asked again with the reason, and what is typed ahead is kept", async () => {
  const { asking, shown } = desk(Readable.from(["\nblue\n", "red\n  green  \n"]));
  const colour = (text: string) => (text === "red" ? null : "it must be red");
  expect(await asking.ask("one?", "first")).toBe("first");
  expect(await asking.ask("two?", "", colour)).toBe("red");
  expect(await asking.ask("three?", "x")).toBe("green");
  expect(shown()).toMatch(/one\? \[first\] .*it must be red/s);
  asking.close();
});

test("the end of input is a refusal, not a wait; so are wrong answers without end", async () => {
  const { asking } = desk(Readable.from(["only\n"]));
  expect(await asking.ask("one?", "")).toBe("only");
  await expect(asking.ask("two?", "")).rejects.toMatchObject({ code: "interrupted", exitCode: 1 });
  const stubborn = desk(Readable.from(["no\n".repeat(50)]));
  await expect(stubborn.asking.ask("one?", "", () => "wrong")).rejects.toMatchObject({ code: "no-answer" });
});

test("a pipe that never ends is read only as far as it is asked for", async () => {
  let given = 0;
  const endless = new Readable({
    read() {
      given++;
      this.push("y\n");
    },
  });
  const { asking } = desk(endless);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await asking.ask("one?", "")).toBe("y");
  expect(given).toBeLessThan(20_000);
  asking.close();
  endless.destroy();
});
