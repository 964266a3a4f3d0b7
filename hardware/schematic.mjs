// One schematic, from the netlist that stands in hardware/schematics/*.json to an SVG: netlistsvg places the parts and
// routes the wires, symbols.mjs draws the parts. The netlist's form is described in hardware/README.md.

import netlistsvg from "netlistsvg";
import { symbolOf } from "./symbols.mjs";

const STYLE = `
svg { stroke: #222; fill: none; stroke-width: 1.3px; }
text { fill: #222; stroke: none; font-size: 11px; font-family: "DejaVu Sans Mono", "Courier New", monospace; }
.middle { text-anchor: middle; } .end { text-anchor: end; }
.ref { font-weight: bold; } .title { font-size: 15px; font-weight: bold; } .note { fill: #555; }
.body { stroke-width: 1.8px; fill: #fff; } .box { fill: #f3f6fa; stroke-width: 1.8px; }
.danger { fill: #fdecea; stroke: #b00020; stroke-width: 2.2px; } .dashed { stroke-dasharray: 4 3; }
.live-half { fill: #fdecea; stroke: none; } .live-edge { stroke: #b00020; stroke-width: 2px; }
.dot { fill: #222; } .rail { stroke-width: 2.2px; } .flag { fill: #fff8dc; stroke: #8a6d00; } .rail-name { fill: #6b5400; }
.mains { stroke: #b00020; stroke-width: 2px; } .mains-arrow { fill: #b00020; stroke: none; } .mains-name { fill: #b00020; }
.paper { fill: #fff; stroke: none; }
`;
const MARGIN = 16;
const HEAD = 34;
const NOTE_LINE = 16;

/** The SVG of a netlist as text; the same netlist gives the same bytes. */
export async function drawn(netlist) {
  const parts = Object.entries(netlist.parts).map(([ref, part]) => ({ ref, rails: netlist.rails, ...part }));
  parts.forEach((part, k) => {
    part.onward = sharedWith(part, parts.slice(k + 1));
    part.inward = sharedWith(part, parts.slice(0, k));
  });
  const symbols = new Map(parts.map((part) => [part.ref, symbolOf(part)]));
  const module = { ports: {}, cells: cellsOf(parts, symbols, netlist.rails) };
  const svg = await netlistsvg.render(skinOf(symbols), { modules: { schematic: module } });
  return framed(svg, netlist);
}

/** A netlistsvg skin with one template for each part. */
function skinOf(symbols) {
  const templates = [...symbols].map(([ref, { width, height, drawing, pins }]) => {
    const ports = Object.entries(pins).map(
      ([pin, { x, y }]) => `<g s:x="${x}" s:y="${y}" s:pid="${pin}" s:dir="${x === 0 ? "in" : "out"}"/>`,
    );
    const head = `<g s:type="${ref}" s:width="${width}" s:height="${height}"><s:alias val="${ref}"/>`;
    return `${head}<g s:pid="">${drawing}</g>${ports.join("")}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:s="https://github.com/nturley/netlistsvg">
<s:properties constants="false" splitsAndJoins="false" genericsLaterals="false"><s:layoutEngine
 org.eclipse.elk.direction="RIGHT" org.eclipse.elk.layered.spacing.nodeNodeBetweenLayers="26" org.eclipse.elk.spacing.nodeNode="24"
 org.eclipse.elk.layered.nodePlacement.strategy="NETWORK_SIMPLEX"
 org.eclipse.elk.layered.considerModelOrder="NODES_AND_EDGES"/></s:properties>
<style>${STYLE}</style>${templates.join("\n")}</svg>`;
}

/** netlistsvg's cells. A net runs through its parts in the order of the file: behind a part that passes it on it is a wire of its own. */
function cellsOf(parts, symbols, rails) {
  const wires = new Map();
  let last = 1;
  const cells = {};
  for (const part of parts) {
    const { pins, through } = symbols.get(part.ref);
    const cell = { type: part.ref, port_directions: {}, connections: {}, attributes: {} };
    const connect = (pin, wire) => {
      cell.port_directions[pin] = pins[pin].x === 0 ? "input" : "output";
      cell.connections[pin] = [wire];
    };
    for (const [pin, net] of netsOf(part)) {
      if (net === null || rails.includes(net)) continue;
      if (!(pin in pins)) throw new Error(`${part.ref} has no pin ${pin}`);
      if (!wires.has(net)) wires.set(net, ++last);
      connect(pin, wires.get(net));
      const onward = through[pin];
      if (onward === undefined || !part.onward.has(pin)) continue;
      wires.set(net, ++last);
      connect(onward, last);
    }
    cells[part.ref] = cell;
  }
  return cells;
}

/** The pins of a part whose net one of the others has, too. */
function sharedWith(part, others) {
  const wanted = new Set(others.flatMap((one) => netsOf(one).map(([, net]) => net)));
  return new Set(netsOf(part).flatMap(([pin, net]) => (wanted.has(net) ? [pin] : [])));
}

function netsOf(part) {
  if (part.symbol !== "box") return Object.entries(part.pins).filter(([pin]) => pin !== "rail");
  const side = (name) => Object.entries(part[name] ?? {}).map(([pin, net]) => [`${name} ${pin}`, net]);
  return [...side("left"), ...side("right")];
}

/** White paper, the title above, the notes below. */
function framed(svg, { title, notes = [] }) {
  const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1]);
  const height = Number(/ height="([\d.]+)"/.exec(svg)?.[1]);
  const words = [title, ...notes];
  const wide = Math.max(width, ...words.map((line, k) => line.length * (k === 0 ? 9.2 : 6.7))) + 2 * MARGIN;
  const high = height + HEAD + notes.length * NOTE_LINE + 2 * MARGIN;
  const escaped = (line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const inside = svg
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<style>[\s\S]*?<\/style>/, "")
    .replace(/<g s:x=[^>]*\/>|<g s:x=[^>]*><\/g>|<s:alias[^>]*\/>|<s:alias[^>]*><\/s:alias>/g, "")
    .replace(/ s:[a-z]+="[^"]*"/g, "");
  const under = notes.map(
    (line, k) =>
      `<text x="${MARGIN}" y="${HEAD + height + MARGIN + NOTE_LINE * (k + 1)}" class="note">${escaped(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}">
<style>${STYLE}</style>
<rect width="${wide}" height="${high}" class="paper"/>
<text x="${MARGIN}" y="24" class="title">${escaped(title)}</text>
<g transform="translate(${MARGIN},${HEAD})">
${inside.trim()}
</g>
${under.join("\n")}
</svg>
`;
}
