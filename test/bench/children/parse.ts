// The peer of `esme replay`: reads a file as text, cuts it into lines, gives each to JSON.parse, and does nothing else.

import { createReadStream } from "node:fs";

let rest = "";
let readings = 0;
for await (const chunk of createReadStream(process.argv[2] ?? "", { encoding: "utf8" })) {
  const text = rest + chunk;
  let from = 0;
  for (let to = text.indexOf("\n"); to >= 0; to = text.indexOf("\n", from)) {
    const value = JSON.parse(text.slice(from, to)) as { readonly at?: string };
    if (value.at !== undefined) readings++;
    from = to + 1;
  }
  rest = text.slice(from);
}
process.stdout.write(`${JSON.stringify({ readings })}\n`);
