// `esme config check`: whether esme.yaml would be understood, without metering anything.

import { houseFor } from "../config.js";
import { configPath } from "../data-dir.js";

interface Options {
  readonly data: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function checkConfig(options: Options): void {
  const house = houseFor(options);
  const path = options.config ?? configPath(options.data);
  const sources = house.sources.map(({ name, role, port, channel, phases, phase, secondary }) => {
    const one = phase === undefined ? `channel ${channel}` : `phase ${phase.number + 1} on clamp ${channel}`;
    const parts = phases === undefined ? one : `phases on clamps ${phases.join(", ")}`;
    return {
      name,
      role,
      port,
      measures: secondary === undefined ? parts : `${parts}, secondary on clamp ${secondary}`,
    };
  });
  if (options.json === true) {
    const sections = Object.keys(house.sections);
    process.stdout.write(`${JSON.stringify({ schema: "esme/config-check/1", path, sources, sections })}\n`);
    return;
  }
  process.stdout.write(`${path} is sound\n`);
  for (const { name, role, port, measures } of sources)
    process.stdout.write(`  ${name}: ${role}, ${port}, ${measures}\n`);
}
