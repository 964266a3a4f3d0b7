// Stories of the load limit, the supply state that a relay follows, and the ambient light of a display.

import { describe, expect, test } from "vitest";
import { newLive } from "../../host/ledger/state/state.js";
import { settled } from "../../host/ledger/state/words.js";
import { resetLoadLimitCounter, setSupply } from "../../host/ledger/supply/limit.js";
import { powerThresholdStatus } from "../../host/ledger/supply/power.js";
import { supplyClockSet } from "../../host/ledger/supply/supply.js";
import { june } from "./helpers.js";
import { eventLog, fed, lived, measured, meter, type Supplied, tellings } from "./supply-helpers.js";

const limited = {
  loadLimitPowerThreshold: settled(4_000),
  loadLimitPeriod: settled(30),
  loadLimitRestorationPeriod: settled(120),
};
const disabling = { ...limited, loadLimitSupplyState: settled(true) };

function commanded(before: Supplied, time: string, to: "enable" | "disable" | "arm"): Supplied {
  const notices = [...before.notices];
  return { state: setSupply(before.state, june(time), to, notices), live: before.live, notices };
}

describe("a load limit", () => {
  test("counts and tells once when the import has been above it for its period; at the limit it is not above", () => {
    const after = lived(
      meter(limited),
      `12:00:00  230  400W
       12:01:00  230  4000W
       12:05:00  230  4001W
       12:05:29  230  400W
       12:06:00  230  9000W
       12:20:00  230  400W
       12:21:00  230  9000W
       12:22:00  230  400W`,
    );
    expect(tellings(after)).toEqual(["12:06:30 8F01", "12:21:30 8F01"]);
    expect(eventLog(after)).toEqual(["12:06:30 8F01", "12:21:30 8F01"]);
    expect(after.state.loadLimitCounter.value).toBe(2);
    expect(after.state.supplyState.value).toBe("enabled");
  });

  test("of 0 W is no limit, and an unknown power is not above one", () => {
    expect(tellings(lived(meter(), "12:00:00 230 90000W\n 12:30:00 230 90000W"))).toEqual([]);
    const unknown = fed(meter(limited), [
      measured(june("12:00:00"), [230], 9_000),
      measured(june("12:00:15"), [230], null),
      measured(june("12:00:30"), [230], 9_000),
      measured(june("12:00:59"), [230], 9_000),
    ]);
    expect(tellings(unknown)).toEqual([]);
  });

  test("that may disable the supply does so, arms it at once, and enables it after the restoration period", () => {
    const after = lived(
      meter(disabling),
      `12:00:00  230  5000W
       12:00:31  230  0W
       12:05:00  230  0W`,
    );
    expect(tellings(after)).toEqual([
      "12:00:30 8F01",
      "12:00:30 disabled",
      "12:00:30 armed",
      "12:00:30 8F33",
      "12:02:30 enabled",
      "12:02:30 8F34",
    ]);
    expect(eventLog(after)).toEqual(["12:00:30 8F01", "12:00:30 8F33", "12:02:30 8F34"]);
    expect(after.state.loadLimitCounter.value).toBe(1);
  });

  test("is looked at anew after the restoration: a load that is still there is counted again", () => {
    const after = lived(
      meter(disabling),
      `12:00:00  230  5000W
       12:00:31  230  0W
       12:02:31  230  5000W
       12:03:02  230  0W`,
    );
    expect(after.state.loadLimitCounter.value).toBe(2);
    expect(after.state.supplyState.value).toBe("armed");
  });

  test("goes on counting where no relay follows: a load that never fell is told again after each restoration", () => {
    const after = lived(meter(disabling), "12:00:00 230 5000W\n 12:03:01 230 5000W");
    expect(tellings(after).filter((line) => !/[a-z]/.test(line))).toEqual([
      "12:00:30 8F01",
      "12:00:30 8F33",
      "12:02:30 8F34",
      "12:03:00 8F01",
      "12:03:00 8F33",
    ]);
  });

  test("that is lifted counts nothing that had not lasted its period", () => {
    const before = lived(meter(limited), "12:00:00 230 5000W\n 12:00:20 230 5000W");
    const state = { ...before.state, loadLimitPowerThreshold: settled(0) };
    expect(tellings(lived({ ...before, state }, "12:00:21 230 5000W\n 12:05:00 230 5000W"))).toEqual([]);
  });

  test("and its restoration last as long when the clock is set meanwhile", () => {
    const set = (before: Supplied, from: string, to: string) => ({
      ...before,
      ...supplyClockSet(before.state, before.live, { kind: "clock", at: june(to), was: june(from) }),
    });
    const before = lived(meter(disabling), "12:00:00 230 5000W\n 12:00:20 230 5000W");
    const limitedLater = lived(set(before, "12:00:20", "11:00:20"), "11:00:21 230 5000W\n 11:01:00 230 0W");
    const after = lived(set(limitedLater, "11:01:00", "12:01:00"), "12:01:01 230 0W\n 12:10:00 230 0W");
    expect(eventLog(after)).toEqual(["11:00:30 8F01", "11:00:30 8F33", "12:02:30 8F34"]);
  });

  test("restores nothing that somebody enabled, or disabled, in the meantime", () => {
    const armed = lived(meter(disabling), "12:00:00 230 5000W\n 12:00:31 230 0W\n 12:00:59 230 0W");
    expect(armed.state.supplyState.value).toBe("armed");
    const enabled = lived(commanded(armed, "12:01:00", "enable"), "12:01:01 230 0W\n 12:10:00 230 0W");
    expect(tellings(enabled).slice(4)).toEqual(["12:01:00 enabled"]);
    const disabled = commanded(commanded(armed, "12:01:00", "disable"), "12:01:10", "arm");
    const later = lived(disabled, "12:01:11 230 0W\n 12:10:00 230 0W");
    expect(tellings(later).slice(4)).toEqual(["12:01:00 disabled", "12:01:10 armed", "12:01:10 8F32"]);
    expect(later.state.supplyState.value).toBe("armed");
  });

  test("counter is set to zero by a reset", () => {
    const { state } = meter({ loadLimitCounter: { value: 7 } });
    expect(resetLoadLimitCounter(state).loadLimitCounter.value).toBe(0);
  });
});

describe("the supply state", () => {
  test("follows commands: enabled and disabled from any state, armed only from disabled", () => {
    const table = `
      enabled   enable   enabled
      enabled   disable  disabled
      enabled   arm      enabled
      disabled  enable   enabled
      disabled  disable  disabled
      disabled  arm      armed
      armed     enable   enabled
      armed     disable  disabled
      armed     arm      armed`;
    for (const row of table.trim().split("\n")) {
      const [from, to, then] = row.trim().split(/\s+/) as ["enabled" | "armed", "enable" | "arm", string];
      const before = meter({ supplyState: { value: from } });
      const after = commanded(before, "12:00:00", to);
      expect([row, after.state.supplyState.value]).toEqual([row, then]);
      const told = tellings(after).filter((line) => !line.endsWith("8F32"));
      expect([row, told]).toEqual([row, from === then ? [] : [`12:00:00 ${then}`]]);
      if (from === then) expect(after.state).toBe(before.state);
    }
  });
});

describe("the last measurement", () => {
  test("is kept as the power import collection; low, medium and high follow its power", () => {
    const status = (import_w: number | null) => {
      const { state, live } = fed(meter(), [measured(june("12:00:00"), [230], import_w)]);
      expect(live.powerImportCollection.activePowerImport).toBe(import_w);
      return powerThresholdStatus(state, live);
    };
    expect([0, 500, 501, 2_500, 2_501, null].map(status)).toEqual(["low", "low", "medium", "medium", "high", null]);
    expect(powerThresholdStatus(meter().state, newLive())).toBeNull();
  });

  test("stands when an earlier one, or another of the same moment, comes after it: nothing changes", () => {
    const before = lived(meter(), "12:00:00 230 400W\n 12:10:00 230 400W");
    const after = fed(before, [measured(june("12:10:00"), [0], 9_000), measured(june("12:09:00"), [280], 9_000)]);
    expect(after.state).toBe(before.state);
    expect(after.live).toBe(before.live);
    expect(after.notices).toEqual(before.notices);
  });
});
