// What was found, as a person reads it and as JSON.

import type { BusEvidence, Cause } from "../../adapters/modbus/diagnosis.js";
import { sumOf } from "../../adapters/modbus/diagnosis.js";
import { type Finding, type Place, placeName } from "./place.js";
import { nameFor, pointsOf, usualRoles, yamlLine } from "./points.js";

export interface Told {
  readonly place: Place;
  readonly finding: Finding;
}

export function yamlOf({ place, finding }: Told): readonly string[] {
  const points = pointsOf(place, finding);
  const roles = usualRoles(points);
  const taken = new Set<string>();
  return points.map(({ keys }, k) => {
    const role = roles[k] ?? "load";
    const name = nameFor(role, taken);
    taken.add(name);
    return yamlLine(name, role, keys);
  });
}

export function findingInWords(told: Told, how: "with yaml" | "without yaml" = "with yaml"): string {
  const { finding } = told;
  const lines = how === "with yaml" ? yamlOf(told) : [];
  const paste = lines.length === 0 ? [] : ["in esme.yaml, with the roles that fit:", "sources:", ...indented(lines)];
  switch (finding.kind) {
    case "refused":
      return block(`${finding.reason} [${finding.code}]`, [finding.next, ...causesInWords(finding.causes)]);
    case "board": {
      const { device, firmware, build, protocol, kinds, capabilities, boot } = finding.identity;
      return block("a board answers", [
        `board ${device}, boot ${boot}, firmware ${firmware} (build ${build}), link ${protocol}`,
        `channels ${kinds.join(", ")}; it has ${capabilities.join(", ")}`,
        ...(how === "with yaml" ? [`next: esme run --port ${placeName(told.place)}, or esme init`] : []),
        ...paste,
      ]);
    }
    case "serial-ic":
      return block(`a metering IC answers: ${finding.ic.toUpperCase()}`, paste);
    case "firmata": {
      const more = "set pin, imp_per_kwh and role; it can carry the meter's face, too (docs/spec/panel.md)";
      return block(
        `a second board answers: ${finding.firmware}, ${finding.protocol}`,
        how === "with yaml" ? [...paste, more] : [],
      );
    }
    case "modbus":
      return block(busInWords(finding), [
        ...metersInWords(told),
        ...(finding.cut ? ["the scan ended at its limits before it was through"] : []),
        ...(finding.causes.length === 0 ? [] : ["what the evidence points to, likeliest first:"]),
        ...causesInWords(finding.causes),
        ...paste,
      ]);
  }
}

function block(head: string, lines: readonly string[]): string {
  return [head, ...lines.map((line) => `  ${line}`)].join("\n");
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function busInWords({ meters, setting }: Extract<Finding, { kind: "modbus" }>): string {
  const how = setting === null ? "Modbus" : `Modbus, ${setting.baud} baud, parity ${setting.parity}`;
  if (meters.length === 0) return `${how}: bytes, but no meter that can be understood [bus-sick]`;
  return `${how}: ${meters.length === 1 ? "a meter answers" : `${meters.length} meters answer`}`;
}

function metersInWords({ place, finding }: Told): readonly string[] {
  if (finding.kind !== "modbus") return [];
  const known = pointsOf(place, finding).map(({ what, alike }) =>
    alike.length === 0 ? what : `${what}; or: ${alike.join(", ")}`,
  );
  const unknown = finding.meters
    .filter(({ named }) => named.kind === "unknown")
    .map(({ unit }) => `something at address ${unit} answers as no table here has it`);
  return [...known, ...unknown, ...healthInWords(finding.evidence)];
}

function healthInWords({ addresses, wired }: BusEvidence): readonly string[] {
  if (!wired) return [];
  return addresses.map(({ unit, short, long }) => {
    const { asked, answered, damaged, silent } = sumOf([short, long]);
    return `address ${unit}: of ${asked} questions ${answered} answered, ${damaged} damaged, ${silent} silent`;
  });
}

function causesInWords(causes: readonly Cause[]): readonly string[] {
  return causes.flatMap(({ code, unit, reason, next }) => [
    `${code}${unit === null ? "" : ` at address ${unit}`}: ${reason}`,
    `  ${next}`,
  ]);
}

/** `diagnosis` with plain values. */
export function findingAsJson({ place, finding }: Told): object {
  const path = placeName(place);
  const yaml = yamlOf({ place, finding });
  if (finding.kind === "modbus") {
    const { kind, setting, meters, cut, evidence, causes } = finding;
    const told = meters.map(({ unit, named }) => ({
      address: unit,
      kind: named.kind,
      models: named.models.map(({ model }) => model),
      serial: named.serial,
    }));
    return { path, diagnosis: { kind, setting, meters: told, cut }, yaml, causes, evidence };
  }
  if (finding.kind === "refused") {
    const { kind, code, reason, next, causes, evidence } = finding;
    return { path, diagnosis: { kind, code, reason, next }, yaml, causes, evidence };
  }
  return { path, diagnosis: finding, yaml, causes: [], evidence: null };
}

/** What a script is told of a place where nothing can be metered, or something ails it. */
export interface Trouble {
  readonly code: string;
  readonly reason: string;
  readonly next: string;
}

/** The likeliest; null where there is none. */
export function troubleOf({ place, finding }: Told): Trouble | null {
  const path = placeName(place);
  if (finding.kind === "refused") return { code: finding.code, reason: finding.reason, next: finding.next };
  if (finding.kind !== "modbus") return null;
  const cause = finding.causes.find((one) => !harmless(one));
  if (cause === undefined) {
    const reason = `${path}: what answers is no meter that there is a table of`;
    return isHealthy(finding)
      ? null
      : { code: "unknown-model", reason, next: "docs/guides/new-meter.md: it is one table" };
  }
  const { code, unit, reason, next } = cause;
  return { code, reason: `${path}${unit === null ? "" : ` address ${unit}`}: ${reason}`, next };
}

/** Whether what is there can be metered, and nothing ails it. */
export function isHealthy(finding: Finding): boolean {
  if (finding.kind === "modbus")
    return finding.meters.some(({ named }) => named.kind !== "unknown") && finding.causes.every(harmless);
  return finding.kind !== "refused";
}

function harmless({ code }: Cause): boolean {
  return code === "echo";
}
