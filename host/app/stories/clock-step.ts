// The story of a meter whose clock is wrong: what 9 seconds, 11 seconds and 40 minutes do to half hours, and who may set a clock.

import { alertsOf, codesOf, Life, moment } from "./life.js";
import { claims, type Part, type Story } from "./story.js";

/** 3.6 kW: 1 Wh each second. */
const LOAD_w = 3_600;
const DAY = "2026-06-01T";
const PARTS = {
  nine: "1: the hub says 9 s less",
  eleven: "2: the hub says 11 s less",
  refused: "3: then a command, 12:00 to 12:05",
  taken: "4: then a command, 12:05 to 12:15",
  back: "5: a command sets it 40 minutes back",
} as const;

export const clockStep: Story = {
  name: "clock-step",
  title: "The clock that was fast",
  words: [
    "A house draws 3.6 kW all the time: 1 Wh each second, 1,800 Wh each half hour. At 12:10:00 by the meter's",
    "clock the communications hub, whose time the meter follows, says that it is less than that.",
    "    up to 10 s   the meter adjusts its clock by itself: event 8145, no flag. The half hour that ends at",
    "                 12:30 lasts 9 s more than others: 1,800 + 9 = 1,809 Wh.",
    "    beyond       it does not: alert 8F0C, the clock is Unreliable, the half hour has its 1,800 Wh.",
    "    a command    to set the clock names a window of time. It comes 30 s later, when the hub says 12:10:19.",
    "                 12:00 to 12:05 does not hold that: refused, 81C6, and 8F0C once more. 12:05 to 12:15 does:",
    "                 the clock is set, 1,800 + 11 = 1,811 Wh, the half hour has the flag `clock`, and the clock",
    "                 is Reliable again. The step itself is 0001 in the event log.",
    "At 12:35 a clock is set back to 11:55. The half hour that ended at 12:30 is closed and stands. What is open",
    "ends at 13:00 and goes on: 5 minutes of it had gone, 65 minutes follow, 300 + 3,900 = 4,200 Wh in one entry.",
    "No demand is told from it: it was no half hour. The greatest demand stays 3,600 W.",
    "Energy does not mind: in every case the register is the seconds that really passed.",
    "    12:00 to 13:00 by a clock set back 9 s or 11 s: 3,609 and 3,611 Wh; not set: 3,600 Wh",
    "    11:30 to 12:35, then 11:55 to 13:30: 3,900 + 5,700 = 9,600 Wh",
  ],
  prediction: [
    ...claims(PARTS.nine, short(1_809, "none", "none", "8145", "reliable", 3_609)),
    ...claims(PARTS.eleven, short(1_800, "none", "8F0C", "8F0C", "unreliable", 3_600)),
    ...claims(PARTS.refused, [
      ["the command", "refused"],
      ...short(1_800, "none", "8F0C 8F0C", "8F0C 81C6 8F0C", "unreliable", 3_600),
    ]),
    ...claims(PARTS.taken, [
      ["the command", "obeyed"],
      ...short(1_811, "clock", "8F0C", "8F0C 0001", "reliable", 3_611),
    ]),
    ...claims(PARTS.back, [
      ["the command", "obeyed"],
      ["half hour 12:00", 1_800, "Wh"],
      ["half hour 12:30", 1_800, "Wh"],
      ["half hour 13:00", 4_200, "Wh"],
      ["half hour 13:30", 1_800, "Wh"],
      ["flags of 12:30", "none"],
      ["flags of 13:00", "clock"],
      ["greatest demand", 3_600, "W"],
      ["all four together", 9_600, "Wh"],
      ["register", 9_600, "Wh"],
    ]),
  ],
  live: () =>
    new Map<string, Part>([
      [PARTS.nine, hubSays("12:09:51")],
      [PARTS.eleven, hubSays("12:09:49")],
      [PARTS.refused, commanded("12:00:00", "12:05:00")],
      [PARTS.taken, commanded("12:05:00", "12:15:00")],
      [PARTS.back, setFarBack()],
    ]),
  notice: [
    "A half hour that is not half an hour long is the price of never inventing energy and never losing any.",
    "The 10 s and the codes 8145, 81C6 and 8F0C are the specification's. That the closed entry stands, the flag",
    "`clock`, and the code 0001 for a clock that a command moved by more than 10 s are our own choices.",
  ],
};

/** What is claimed of an hour that begins at 12:00. */
function short(wh: number, flags: string, alerts: string, events: string, status: string, register_wh: number) {
  return [
    ["half hour 12:30", wh, "Wh"],
    ["flags of 12:30", flags],
    ["alerts", alerts],
    ["event log", events],
    ["clock", status],
    ["register", register_wh, "Wh"],
  ] as const;
}

/** A meter that follows its hub, which has agreed so far; its event log is empty. */
function houseFrom(time: string): Life {
  const life = new Life(`${DAY}${time}Z`);
  life.command({ kind: "clock-master", master: "hub" });
  life.tell({ kind: "judged", at: life.now, status: "reliable", why: "the hub's clock agrees" });
  life.command({ kind: "clear-event-log" });
  return life;
}

function hubSays(says: string): Part {
  return hourOf(told(says));
}

/** The hub is 11 s behind; half a minute later somebody commands the clock to be set. */
function commanded(from: string, to: string): Part {
  const life = told("12:09:49");
  run(life, "12:10:30");
  setClock(life, "12:10:19", from, to);
  return { "the command": verdict(life), ...hourOf(life) };
}

/** At 12:10:00 the hub says its time. */
function told(says: string): Life {
  const life = houseFrom("12:00:00");
  run(life, "12:10:00");
  life.tell({ kind: "master", at: life.now, says: timeOf(says) });
  return life;
}

function setFarBack(): Part {
  const life = houseFrom("11:30:00");
  run(life, "12:35:00");
  setClock(life, "11:55:00", "11:50:00", "12:00:00");
  run(life, "13:30:00");
  const halfHours = life.halfHours();
  return {
    "the command": verdict(life),
    ...Object.fromEntries(Object.entries(halfHours).map(([end, { wh }]) => [`half hour ${end}`, wh])),
    ...Object.fromEntries(Object.entries(halfHours).map(([end, { flags }]) => [`flags of ${end}`, flags])),
    "greatest demand": life.esme.state.maximumDemandActivePowerImportValue.value,
    "all four together": Object.values(halfHours).reduce((sum, { wh }) => sum + wh, 0),
    register: life.import_wh,
  };
}

function setClock(life: Life, says: string, from: string, to: string): void {
  const masterTime = timeOf(says);
  const window = { timeRangeStart: timeOf(from), timeRangeEnd: timeOf(to) };
  life.command({ kind: "set-clock", presetTime: masterTime, ...window, masterTime });
}

function run(life: Life, until: string): void {
  life.live(`${DAY}${until}Z`, 1, () => LOAD_w);
}

function timeOf(time: string) {
  return moment(`${DAY}${time}Z`);
}

function verdict(life: Life): string {
  return life.refused === null ? "obeyed" : "refused";
}

function hourOf(life: Life): Part {
  run(life, "13:00:00");
  const half = life.halfHours()["12:30"];
  return {
    "half hour 12:30": half?.wh ?? "nothing",
    "flags of 12:30": half?.flags ?? "nothing",
    alerts: alertsOf(life.notices),
    "event log": codesOf(life.esme.state.eventLog),
    clock: life.esme.state.time.status,
    register: life.import_wh,
  };
}
