// A calibration from end to end on simulated time, and what must not happen: a load that moves, a reference that stops, a board that
// goes, two at once, a power cut anywhere while constants are written.

import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { entryInForce } from "../../host/app/calibration/history.js";
import { type Answers, answering } from "../../host/lab/calibration/answers.js";
import type { ChannelConstants } from "../../host/lab/calibration/constants.js";
import { calibrate, type InForce, type Person } from "../../host/lab/calibration/procedure.js";
import { LOADS, type Load as StepLoad, type Told } from "../../host/lab/calibration/reference.js";
import { DEFAULT_SETTINGS, readSettings, slotInForce } from "../../host/sim/settings-slot.js";
import { writeLine } from "../../host/wire/board/line.js";
import { CalibrationRoom, NONE, type RoomOptions, STEP_LOADS } from "./calibration-room.js";

const FRONT_END = {
  ratioError: [0.03, -0.02, 0.01],
  clampLead_deg: [3, 5, 1],
  clampLeadSlope_deg_per_octave: [0.12, -0.1, 0],
  adapterLead_deg: 4,
  crosstalk: 0.0001,
  noise_lsb: 0.5,
} as const;
const FAST: RoomOptions = {
  fidelity: "fast",
  frontEnd: FRONT_END,
  reference: { share: 0, degrees: 0 },
};

function answersFor(told: (load: StepLoad) => Told | null = () => null, more: Partial<Answers> = {}): Answers {
  const steps = LOADS.map((load) => ({
    load,
    current: load.startsWith("reactive") ? ("lags" as const) : null,
    turns: 1,
    told: told(load),
  }));
  return { clamps: [1], turnRound: [], within_percent: 0.5, wait_s: 60, steps, ...more };
}

/** Switches each step's load on when it is asked for. */
function hand(room: CalibrationRoom, answers = answersFor(), asked: (load: StepLoad) => void = () => {}): Person {
  const person = answering(answers, () => {});
  return {
    ...person,
    ready: (step) => {
      const load = STEP_LOADS[step.load];
      room.room.loads = [load, NONE, NONE];
      asked(step.load);
      return person.ready(step);
    },
  };
}

function inForce(room: CalibrationRoom): readonly ChannelConstants[] {
  return readSettings(room.board.eeprom, slotInForce(room.board.eeprom)).channels;
}

describe("a calibration by an answers file", () => {
  it("writes what is right to the spare slot, confirms it, and tells the history; done again it agrees", async () => {
    const room = new CalibrationRoom(FAST);
    const done = await calibrate(room, hand(room));
    expect(done).toMatchObject({ ok: true, slot: 0, number: 1, inForce: { slot: 2 } });
    const [volts, one] = inForce(room);
    expect(Math.abs((volts?.gain ?? 0) / 800_000 - 1)).toBeLessThan(0.001);
    expect(Math.abs((one?.slope_mdeg ?? 0) - 120)).toBeLessThan(30);
    expect(Math.abs((one?.phase_mdeg ?? 0) + 1_000)).toBeLessThan(60);
    const [entry] = room.history().entries();
    expect(entry).toMatchObject({
      number: 1,
      state: "kept",
      slot: 0,
      board: room.known().device,
      reference: "source check",
    });
    expect(entry?.before).toEqual(DEFAULT_SETTINGS.channels);
    expect(entry?.after).toEqual(inForce(room));
    const file = join(room.data, "calibration", `${room.known().device}.jsonl`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await calibrate(room, hand(room));
    expect(again).toMatchObject({ ok: true, slot: 1, number: 2 });
    expect(Math.abs((inForce(room)[1]?.gain ?? 0) / (one?.gain ?? 1) - 1)).toBeLessThan(0.002);
    expect(Math.abs((inForce(room)[1]?.phase_mdeg ?? 0) - (one?.phase_mdeg ?? 0))).toBeLessThan(60);
  });

  it("takes typed numbers, amps for vars", async () => {
    const room = new CalibrationRoom({ ...FAST, reference: null, voltageWander_v: 0 });
    const told = (load: StepLoad): Told => {
      const { amps, pf } = STEP_LOADS[load];
      // A kettle's current follows the voltage with its harmonics: a little more of both than the fundamental.
      const watts = load === "resistive" ? 2_301.1 : 230 * amps * pf;
      return { volts: 230.05, amps: load.startsWith("reactive") ? amps : null, watts, vars: null, pf: null };
    };
    const done = await calibrate(room, hand(room, answersFor(told)));
    expect(done).toMatchObject({ ok: true });
    expect(Math.abs((inForce(room)[1]?.slope_mdeg ?? 0) - 120)).toBeLessThan(40);
  });

  it("typed with a wrong digit of the volts: that step is not used, and may be typed again", async () => {
    const room = new CalibrationRoom({ ...FAST, reference: null, voltageWander_v: 0 });
    let typed = 0;
    const told = (load: StepLoad, volts: number): Told => {
      const { amps, pf } = STEP_LOADS[load];
      return {
        volts,
        amps: load.startsWith("reactive") ? amps : null,
        watts: load === "resistive" ? 2_301.1 : 230 * amps * pf,
        vars: null,
        pf: null,
      };
    };
    const person = hand(
      room,
      answersFor((load) => told(load, load === "reactive-low" ? 203.05 : 230.05)),
    );
    expect(await calibrate(room, person)).toMatchObject({
      ok: false,
      code: "step-invalid",
      reason: expect.stringMatching(/reactive-low: .* 203\.1 V where .* 230\.\d V/),
    });
    const again: Person = {
      ...hand(room, answersFor()),
      typed: async ({ load }) => told(load, load === "reactive-low" && typed++ === 0 ? 203.05 : 230.05),
      again: (_, reason) => Promise.resolve(/203/.test(reason)),
    };
    expect(await calibrate(room, again)).toMatchObject({ ok: true });
    expect(typed).toBe(2);
  });

  it("never turns a clamp unasked; does where it is said", async () => {
    const turned: RoomOptions = { ...FAST, frontEnd: { ...FRONT_END, turned: [false, true, false, false] } };
    const room = new CalibrationRoom(turned);
    expect(await calibrate(room, hand(room))).toMatchObject({ ok: false, code: "clamp-turned" });
    expect(existsSync(join(room.data, "calibration"))).toBe(false);
    const done = await calibrate(room, hand(room, answersFor(undefined, { turnRound: [1] })));
    expect(done).toMatchObject({
      ok: true,
      places: [{ clamp: 1, turned: true }, { is: "elsewhere" }, { is: "elsewhere" }],
    });
    expect(inForce(room)[1]?.gain).toBeLessThan(0);
  });

  it("says which clamp saw the load where another was named", async () => {
    const room = new CalibrationRoom(FAST);
    const refused = await calibrate(room, hand(room, answersFor(undefined, { clamps: [2] })));
    expect(refused).toMatchObject({
      ok: false,
      code: "clamp-elsewhere",
      reason: expect.stringContaining("clamp 1 saw the load"),
    });
  });
});

describe("a step that goes wrong is not used:", () => {
  it("a load that moves all the time", async () => {
    const room = new CalibrationRoom(FAST);
    let now: StepLoad = "nothing";
    const person = hand(room, answersFor(), (load) => {
      now = load;
    });
    room.onWait = () => {
      // A thermostat: three seconds on, three at a little less.
      const share = now === "reactive-low" && room.time_s % 6 < 3 ? 0.9 : 1;
      const { amps, pf } = STEP_LOADS[now];
      room.room.loads = [{ amps: amps * share, pf }, NONE, NONE];
    };
    const refused = await calibrate(room, person);
    expect(refused).toMatchObject({
      ok: false,
      code: "step-invalid",
      reason: expect.stringMatching(/reactive-low: .*moves/),
    });
    expect(slotInForce(room.board.eeprom)).toBe(2);
  });

  it("a reference that stops in the middle; it is tried again, and is good once the reference tells again", async () => {
    const room = new CalibrationRoom(FAST);
    const tried: StepLoad[] = [];
    const person = hand(room, answersFor(), (load) => tried.push(load));
    room.onWait = () => {
      room.referenceTells = tried.length !== 2 || room.powers.length < 30;
    };
    const done = await calibrate(room, { ...person, again: (_, reason) => Promise.resolve(/reference/.test(reason)) });
    expect(tried.filter((load) => load === "resistive").length).toBeGreaterThan(1);
    expect(done).toMatchObject({ ok: true });
  });

  it("a load that never comes", async () => {
    const room = new CalibrationRoom(FAST);
    const person = answering(answersFor(), () => {});
    expect(await calibrate(room, person)).toMatchObject({
      code: "step-invalid",
      reason: expect.stringContaining("did not appear"),
    });
  });

  it("a board that boots, or is unplugged", async () => {
    const room = new CalibrationRoom(FAST);
    let cut = false;
    const person = hand(room, answersFor(), (load) => {
      cut = load === "resistive";
    });
    room.onWait = () => {
      if (cut && room.powers.at(-1)?.clamps[0].re !== undefined && room.time_s > 40) room.board.powerCut(300);
    };
    const refused = await calibrate(room, { ...person, again: () => Promise.resolve(false) });
    expect(refused).toMatchObject({ ok: false, code: "step-invalid" });
    expect(existsSync(join(room.data, "calibration"))).toBe(false);
  });
});

describe("writing", () => {
  const changed = (told: InForce): readonly ChannelConstants[] =>
    told.channels.map((one) => ({ ...one, gain: one.gain + 1_000, phase_mdeg: 500 }));
  const writing = (told: InForce, after = changed(told)) => ({
    what: "restore" as const,
    device: told.device,
    before: told.channels,
    after,
    clamps: [],
    reference: "test",
    results: [],
  });
  async function ready(options: RoomOptions = FAST): Promise<{ room: CalibrationRoom; told: InForce }> {
    const room = new CalibrationRoom(options);
    const told = await room.inForce();
    if (!told.ok) throw new Error(told.reason);
    return { room, told };
  }

  it("is refused where other constants are in force than it was measured under, another board, or constants beyond the link", async () => {
    const { room, told } = await ready();
    expect(await room.write({ ...writing(told), before: changed(told) })).toMatchObject({
      code: "calibration-changed",
    });
    expect(await room.write({ ...writing(told), device: "00000000" })).toMatchObject({ code: "board-exchanged" });
    const wild = told.channels.map((one) => ({ ...one, gain: 3_000_000 }));
    expect(await room.write(writing(told, wild))).toMatchObject({ code: "calibration-impossible" });
    expect(existsSync(join(room.data, "calibration"))).toBe(false);
  });

  it("by two at once: one is told to wait, and afterwards that it measured under others", async () => {
    const { room, told } = await ready();
    const first = room.write(writing(told));
    expect(await room.write(writing(told))).toMatchObject({ code: "calibration-busy" });
    expect(await first).toMatchObject({ ok: true });
    expect(await room.write(writing(told))).toMatchObject({ code: "calibration-changed" });
  });

  it("is undone by the constants before, and a line torn in the history hides nothing else", async () => {
    const { room, told } = await ready();
    await room.write(writing(told));
    const file = join(room.data, "calibration", `${room.known().device}.jsonl`);
    appendFileSync(file, '{"schema":"esme/calibration/1","number":2,"sta');
    const now = (await room.inForce()) as InForce;
    const entry = entryInForce(room.history().entries(), now.channels);
    expect(entry?.before).toEqual(told.channels);
    await room.write({ ...writing(now, told.channels), what: "undo" });
    expect(((await room.inForce()) as InForce).channels).toEqual(told.channels);
    expect(
      room
        .history()
        .entries()
        .map(({ what, state }) => [what, state]),
    ).toEqual([
      ["restore", "kept"],
      ["undo", "kept"],
    ]);
  });

  /** The board's lines that begin with these letters get lost, as often as said. */
  function losing(room: CalibrationRoom, begin: string, times: number): { said: string[] } {
    const heard = { said: [] as string[] };
    const send = room.board.send.bind(room.board);
    room.board.send = (bytes) => {
      heard.said.push(Buffer.from(bytes).toString("latin1").charAt(0));
      send(bytes);
    };
    let [line, left] = ["", times];
    room.board.onBytes = (bytes) => {
      line += Buffer.from(bytes).toString("latin1");
      for (let end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
        const whole = line.slice(0, end + 1);
        line = line.slice(end + 1);
        if (whole.startsWith(begin) && left > 0) left--;
        else room.source.arrive(Buffer.from(whole, "latin1"));
      }
    };
    return heard;
  }

  /** From the first command of this letter on nothing reaches the board for so long; then everything does. */
  function heldUp(room: CalibrationRoom, letter: string, for_s: number): { said: string[] } {
    const heard = { said: [] as string[] };
    const send = room.board.send.bind(room.board);
    const tell = room.board.onBytes;
    const held: { readonly heard: Uint8Array[]; readonly told: Uint8Array[] } = { heard: [], told: [] };
    let until_s: number | null = null;
    const over = () => until_s !== null && room.time_s >= until_s;
    room.board.send = (bytes) => {
      const one = Buffer.from(bytes).toString("latin1").charAt(0);
      heard.said.push(one);
      if (one === letter) until_s ??= room.time_s + for_s;
      if (until_s === null || over()) send(bytes);
      else held.heard.push(bytes);
    };
    room.board.onBytes = (bytes) => {
      if (until_s !== null && !over()) return void held.told.push(bytes);
      for (const early of held.told.splice(0)) tell(early);
      tell(bytes);
      for (const early of held.heard.splice(0)) send(early);
    };
    return heard;
  }

  it("survives answers lost on the line: what is kept is what the board tells; a Y is said once", async () => {
    for (const lost of ["A K", "A Y", "A C", "C "]) {
      const { room, told } = await ready();
      const heard = losing(room, lost, 1);
      expect(await room.write(writing(told)), `${lost} lost`).toMatchObject({ ok: true, slot: 0 });
      expect(heard.said.filter((letter) => letter === "Y")).toHaveLength(1);
      expect(inForce(room)).toEqual(changed(told));
    }
  });

  it("waits for a board that falls silent while it is asked, and goes on in the same boot; a Y is said once", async () => {
    for (const letter of ["C", "K", "Y"]) {
      const { room, told } = await ready();
      const heard = heldUp(room, letter, 8);
      expect(await room.write(writing(told)), `silent at ${letter}`).toMatchObject({ ok: true, slot: 0 });
      expect(heard.said).toContain("I");
      expect(heard.said.filter((one) => one === "Y")).toHaveLength(1);
      expect(inForce(room)).toEqual(changed(told));
    }
  });

  it("is given up where no answer ever comes, and the board keeps what it had", async () => {
    const { room, told } = await ready();
    losing(room, "A K", 1_000);
    expect(await room.write(writing(told))).toMatchObject({ ok: false, code: "board-lost" });
    expect(room.history().entries()).toMatchObject([
      { state: "failed", reason: expect.stringContaining("board-lost") },
    ]);
    expect(inForce(room)).toEqual(told.channels);
  });

  it("its power cut between keeping and confirming: not known to be kept, seen once the board is back, and undone", async () => {
    const { room, told } = await ready();
    const tell = room.board.onBytes;
    const send = room.board.send.bind(room.board);
    let kept = false;
    room.board.send = (bytes) => {
      send(bytes);
      if (kept) room.board.powerCut(8);
      room.board.onBytes = tell;
      kept = Buffer.from(bytes).toString("latin1").startsWith("Y");
      if (kept) room.board.onBytes = () => {};
    };
    expect(await room.write(writing(told))).toMatchObject({ ok: false, code: "board-lost" });
    room.run(10);
    const now = (await room.inForce()) as InForce;
    expect(now).toMatchObject({ slot: 0, channels: changed(told) });
    expect(room.history().entries()).toMatchObject([{ state: "unknown" }]);
    expect(entryInForce(room.history().entries(), now.channels)?.before).toEqual(told.channels);
  });

  it("says that the board may use what it was told where the old constants cannot be told again", async () => {
    const { room, told } = await ready();
    losing(room, "A K", 1_000);
    expect(await room.write(writing(told))).toMatchObject({ next: expect.stringContaining("off and on") });
    const other = await ready();
    losing(other.room, "A K", 4);
    expect(await other.room.write(writing(other.told))).toMatchObject({
      next: expect.stringContaining("old constants"),
    });
  });

  it("into a history that cannot be written, such as on a full disk, is refused before the board is told anything", async () => {
    const { room, told } = await ready();
    const heard = losing(room, "-", 0);
    mkdirSync(join(room.data, "calibration", `${room.known().device}.jsonl`), { recursive: true });
    expect(await room.write(writing(told))).toMatchObject({ ok: false, code: "history-unwritable" });
    expect(heard.said).not.toContain("K");
    expect(inForce(room)).toEqual(told.channels);
  });

  it("goes on where the disk is full from then on: the board keeps it, and the history does not know of that", async () => {
    const { room, told } = await ready();
    const file = join(room.data, "calibration", `${room.known().device}.jsonl`);
    const send = room.board.send.bind(room.board);
    room.board.send = (bytes) => {
      if (Buffer.from(bytes).toString("latin1").startsWith("Y")) {
        renameSync(file, `${file}.aside`);
        mkdirSync(file);
      }
      send(bytes);
    };
    expect(await room.write(writing(told))).toMatchObject({ ok: true, slot: 0 });
    rmdirSync(file);
    renameSync(`${file}.aside`, file);
    expect(inForce(room)).toEqual(changed(told));
    expect(room.history().entries()).toMatchObject([{ state: "unknown" }]);
  });

  it("is not taken for kept where the board stayed with its slot: the old constants are told again", async () => {
    const { room, told } = await ready();
    const send = room.board.send.bind(room.board);
    room.board.send = (bytes) => {
      if (!Buffer.from(bytes).toString("latin1").startsWith("Y")) send(bytes);
    };
    expect(await room.write(writing(told))).toMatchObject({ ok: false, code: "not-kept" });
    expect(((await room.inForce()) as InForce).channels).toEqual(told.channels);
  });

  it("ends at once where the board refuses a constant, and the old ones are told again", async () => {
    const { room, told } = await ready();
    const send = room.board.send.bind(room.board);
    // This board takes no gain but what it has: the third K is spoilt into one that is out of range.
    let count = 0;
    room.board.send = (bytes) => {
      const spoilt = Buffer.from(bytes).toString("latin1").startsWith("K") && ++count === 3;
      send(spoilt ? Buffer.from(writeLine("K", 2, 0, 0, 0, 0), "latin1") : bytes);
    };
    const began_s = room.time_s;
    expect(await room.write(writing(told))).toMatchObject({ ok: false, code: "board-refuses" });
    expect(room.time_s - began_s).toBeLessThan(3);
    expect(((await room.inForce()) as InForce).channels).toEqual(told.channels);
  });

  it("cut between telling and keeping, or at any byte of keeping, leaves the old calibration or the whole new one", async () => {
    const executed: RoomOptions = { ...FAST, fidelity: "executed" };
    const first = await ready(executed);
    await first.room.write(writing(first.told));
    const old = inForce(first.room);
    const spared = first.room.eeprom.bytes.slice();
    // -1: the power goes when the constants are told and not kept yet; then at bytes of the slot, which is 53 long.
    for (const cutAt of [-1, 0, 20, 52, 53]) {
      first.room.eeprom.bytes.set(spared);
      const { room, told } = await ready({ ...executed, eeprom: first.room.eeprom });
      let seen = 0;
      const after = told.channels.map((one) => ({ ...one, gain: one.gain + 7 }));
      room.eeprom.onWrite = ({ address }) => {
        if (address < 16 || address >= 144) return "done";
        return seen++ === cutAt ? (cutAt % 2 === 0 ? "torn" : "cut-before") : "done";
      };
      if (cutAt < 0) {
        for (const one of after) await room.during(room.source.command({ kind: "calibrate", ...one }));
        room.board.powerCut(1);
      } else await room.write(writing(told, after));
      room.eeprom.onWrite = null;
      room.run(3);
      const now = ((await room.inForce()) as InForce).channels;
      expect([old, after], `cut at ${cutAt}`).toContainEqual(now);
      if (cutAt < 53) expect(now, `cut at ${cutAt}`).toEqual(old);
      const states = room.history().entries();
      // A board that is back soon says itself that it has the old ones; one that is not leaves it unknown.
      if (cutAt >= 0 && now[1]?.gain === old[1]?.gain)
        expect(states).toMatchObject([{ state: expect.stringMatching(/failed|unknown/) }]);
    }
    expect(readFileSync(join(first.room.data, "calibration", `${first.room.known().device}.jsonl`), "utf8")).toContain(
      "kept",
    );
  });
});
