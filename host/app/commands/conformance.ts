// `esme conformance`: what a SMETS2 meter does, where it is done here, and which test proves it.

import { type Conformance, PAGE, packageRoot, readConformance } from "../conformance.js";
import { refuse } from "../refusal.js";

export function conformance(options: { readonly json?: boolean }): void {
  const root = packageRoot();
  if (root === null)
    refuse({
      code: "page-missing",
      reason: `there is no ${PAGE} beside this program`,
      next: "run it from a clone of the repository",
    });
  const told = readConformance(root);
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ schema: "esme/conformance/1", ...told })}\n` : inWords(told),
  );
}

function inWords({ requirements, choices, absent }: Conformance): string {
  const lines: string[] = [];
  let section = "";
  for (const one of requirements) {
    if (one.section !== section) lines.push("", one.section);
    section = one.section;
    lines.push(`${one.no.padEnd(5)}${one.requirement}`);
    lines.push(`     ${one.source}  ${one.code.join(", ")}`);
    for (const test of one.tests) lines.push(`     proved by ${test.file}: ${test.name}`);
  }
  lines.push("", "Our choices, where no source says");
  for (const { no, choice, key } of choices) lines.push(`${no.padEnd(5)}${choice} (key: ${key})`);
  lines.push("", "Not there");
  for (const item of absent) lines.push(`  -  ${item}`);
  return `${lines.slice(1).join("\n")}\n`;
}
