// The story of two power cuts a second apart in length: two alerts, one half hour each, and an average voltage that knows of neither.

import { entriesOf } from "../../ledger/log.js";
import { clockTime, hex, Life, moment } from "./life.js";
import { claims, type Part, type Story } from "./story.js";

/** 3.6 kW: 1 Wh each second. */
const LOAD_w = 3_600;
const DAY = "2026-06-01T";
const BEGAN = "12:10:00";
const VOLTS_dv = 2_300;
const PARTS = [
  { part: "2 min 59 s", back: "12:12:59" },
  { part: "3 min exactly", back: "12:13:00" },
] as const;

const cut = (part: string, code: string, back: string, half_wh: number, demand_w: number, lasted_s: number) =>
  claims(part, [
    ["alert", code],
    ["interrupted", "12:10:00"],
    ["restored", back],
    ["power event log", `12:10:00 8F57 0, ${back} ${code} ${lasted_s}`],
    ["half hour 12:30", half_wh, "Wh"],
    ["its flags", "none"],
    ["half hour 13:00", 1_800, "Wh"],
    ["average voltage of 12:30", 230, "V"],
    ["demand of 12:30", demand_w, "W"],
  ]);

export const outageStory: Story = {
  name: "outage",
  title: "Two power cuts",
  words: [
    "A house draws 3.6 kW: 1 Wh each second, 1,800 Wh each half hour. At 12:10:00 the power goes.",
    "    back at 12:12:59, after 179 s   less than 3 minutes       alert 8F35   1,800 - 179 = 1,621 Wh",
    "    back at 12:13:00, after 180 s   3 minutes or more         alert 8F36   1,800 - 180 = 1,620 Wh",
    "The alert comes when the power is back, with both moments. The power event log has a line for each: 8F57 when",
    "it went (no more to say: 0), the alert's code when it came back, with the seconds between.",
    "The half hour has no flag: nothing was missed, nothing flowed. Its demand is its energy in half an hour:",
    "1,621 Wh x 2 = 3,242 W and 1,620 Wh x 2 = 3,240 W. The average voltage is that of the time with voltage: 230 V.",
  ],
  prediction: [
    ...cut("2 min 59 s", "8F35", "12:12:59", 1_621, 3_242, 179),
    ...cut("3 min exactly", "8F36", "12:13:00", 1_620, 3_240, 180),
  ],
  live: () => new Map<string, Part>(PARTS.map(({ part, back }) => [part, lived(back)])),
  notice: [
    "A half hour that lost a tenth of its energy looks like one in which somebody switched something off: whoever",
    "has only half hours cannot tell. The power event log and the alert can.",
    "8F35, 8F36 and the 3 minutes are the specification's. That a phase below 23 V is an outage, and that its time",
    "does not pull the average voltage down, are our own choices.",
  ],
};

function lived(back: string): Part {
  const life = new Life(`${DAY}12:00:00Z`);
  const [from, to] = [moment(`${DAY}${BEGAN}Z`), moment(`${DAY}${back}Z`)];
  const isOut = (at: number) => at >= from && at < to;
  measure(life, isOut(life.now));
  let demand_w = 0;
  life.live(
    `${DAY}13:00:01Z`,
    1,
    (at) => (isOut(at) ? 0 : LOAD_w),
    () => {
      measure(life, isOut(life.now));
      // The greatest demand so far is that of the half hour with the cut, until the next one closes.
      if (life.now === moment(`${DAY}12:30:00Z`)) demand_w = life.esme.state.maximumDemandActivePowerImportValue.value;
    },
  );
  const { state } = life.esme;
  const alert = life.notices.find((notice) => notice.kind === "alert");
  const [interrupted, restored] = alert?.times ?? [];
  const halfHours = life.halfHours();
  const averages = entriesOf(state.averageRMSVoltageProfileDataLog[0]);
  const average = averages.find((entry) => clockTime(entry.timestamp) === "12:30:00");
  return {
    alert: alert === undefined ? "none" : hex(alert.code),
    interrupted: interrupted === undefined ? "nothing" : clockTime(interrupted),
    restored: restored === undefined ? "nothing" : clockTime(restored),
    "power event log": entriesOf(state.powerEventLog)
      .map((one) => `${clockTime(one.timestamp)} ${hex(one.logCode)} ${one.otherInformation}`)
      .join(", "),
    "half hour 12:30": halfHours["12:30"]?.wh ?? "nothing",
    "its flags": halfHours["12:30"]?.flags ?? "nothing",
    "half hour 13:00": halfHours["13:00"]?.wh ?? "nothing",
    "average voltage of 12:30": average === undefined ? "nothing" : average.value / 10,
    "demand of 12:30": demand_w,
  };
}

/** The voltage of this second. */
function measure(life: Life, isOut: boolean): void {
  const [volts_dv, import_w] = isOut ? [0, 0] : [VOLTS_dv, LOAD_w];
  life.tell({ kind: "supply", at: life.now, voltages_dv: [volts_dv, null, null], import_w, primary_w: import_w });
}
