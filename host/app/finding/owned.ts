// The devices of a house that is metering, as its owner tells them: a block for each, its statistics in words.

import type { ReportedDevice } from "../device-report.js";

export function ownedInWords(device: ReportedDevice): string {
  const { name, device: says, trouble, sources, statistics } = device;
  const metered = sources.map(({ name: source, role, active_mw }) => `${source} (${role}) ${watts(active_mw)}`);
  return [
    `${name}: metered by this house's esme run`,
    `  ${says ?? "does not answer now"}${trouble === null ? "" : `: ${trouble}`}`,
    `  ${metered.join(", ")}`,
    ...(statistics === null ? [] : statisticsInWords(statistics).map((line) => `  ${line}`)),
  ].join("\n");
}

function watts(active_mw: number | null): string {
  return active_mw === null ? "no data" : `${Math.round(active_mw / 1_000)} W`;
}

function statisticsInWords(statistics: NonNullable<ReportedDevice["statistics"]>): readonly string[] {
  const { questions, answers, silences, crcErrors, exceptions, otherFaults, late, echoes } = statistics;
  const { latency, latency_bounds_ms, share } = statistics;
  const steps = latency.flatMap((count, k) => {
    if (count === 0) return [];
    const bound = latency_bounds_ms[k];
    return `${bound === undefined ? `from ${latency_bounds_ms.at(-1)}` : `under ${bound}`} ms: ${count}`;
  });
  return [
    `of ${questions} questions ${answers} answered, ${silences} silent, ${crcErrors} wrong checks, ${exceptions} exceptions, ` +
      `${otherFaults} other faults, ${late} late, ${echoes} echoes`,
    `answered after ${steps.join(", ") || "nothing yet"}`,
    ...(share === null ? [] : [`${(100 * share).toFixed(1)} % of the wire's time`]),
  ];
}
