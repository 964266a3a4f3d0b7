// A host that was held up does not take the board for silent; what is asked of a board that fell silent waits for the same boot only.

import { describe, expect, it } from "vitest";
import { Conversation } from "../../host/adapters/board/conversation.js";
import { Mono_ms } from "../../host/ledger/units.js";
import { writeLine } from "../../host/wire/board/line.js";

const identity = (boot: number) =>
  writeLine("I", "1.1", "0.2.0", "89abcdef", "1234abcd", boot, "v,ct,ct,ct,sum", "ring25,sum,led,wd,slope");

/** A conversation with a board that has told who it is, and the letters said to it. */
function met() {
  const said: string[] = [];
  const talk = new Conversation(
    (line) => said.push(line.charAt(0)),
    () => {},
    Mono_ms(0),
  );
  const boots = (boot: number, at_ms: number) => talk.line(identity(boot), Mono_ms(at_ms));
  const seconds = (from_s: number, to_s: number) => {
    for (let at_s = from_s; at_s <= to_s; at_s++) talk.second(Mono_ms(at_s * 1_000));
  };
  boots(1, 500);
  expect(talk.health.kind).toBe("listening");
  return { said, talk, boots, seconds };
}

describe("a host that was held up", () => {
  it("has not heard what the board said meanwhile: that is no silence", () => {
    const { said, talk, seconds } = met();
    seconds(1, 1);
    void talk.request({ kind: "readCalibration" }, Mono_ms(1_000));
    seconds(30, 30);
    expect(said.join("")).toBe("IC");
    expect(talk.alive(Mono_ms(30_000))).toBe(true);
    seconds(31, 40);
    expect(said.join("")).toMatch(/^ICC*I/);
  });
});

describe("what is asked of a board that fell silent", () => {
  it("is asked again when the same boot answers", async () => {
    const { said, talk, boots, seconds } = met();
    const asked = talk.request({ kind: "keep" }, Mono_ms(5_000));
    const behind = talk.request({ kind: "readCalibration" }, Mono_ms(5_000));
    seconds(1, 6);
    // Asked meanwhile, it waits too.
    const later = talk.request({ kind: "clampSet", mask: 7 }, Mono_ms(6_100));
    expect(await asked).toMatchObject({ ok: false, code: "lost" });
    boots(1, 6_200);
    expect(said.join("")).toBe("IYIC");
    talk.over();
    expect(await behind).toMatchObject({ code: "lost" });
    expect(await later).toMatchObject({ code: "lost" });
  });

  it("is lost when another boot answers", async () => {
    const { said, talk, boots, seconds } = met();
    const asked = talk.request({ kind: "readCalibration" }, Mono_ms(5_400));
    seconds(1, 6);
    boots(2, 6_200);
    expect(await asked).toMatchObject({ ok: false, code: "lost" });
    expect(said.join("")).toBe("ICI");
  });
});
