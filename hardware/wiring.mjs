// A wiring picture from hardware/wiring/*.json: boards as they lie on the table, parts, and a coloured wire for each connection.
// The netlist behind it is the schematic's; the picture's form is described in hardware/README.md.

const STYLE = `
text { fill: #222; font-size: 11px; font-family: "DejaVu Sans", Verdana, sans-serif; }
.title { font-size: 16px; font-weight: bold; } .name { font-weight: bold; text-anchor: middle; } .pin { font-size: 9px; }
.middle { text-anchor: middle; } .end { text-anchor: end; } .light { fill: #fff; } .note { fill: #555; }
.wire { fill: none; stroke-width: 3.2px; stroke-linecap: round; } .under { fill: none; stroke: #fff; stroke-width: 5.4px; }
.hole { fill: #333; stroke: #d8b24a; stroke-width: 1.4px; } .lead { stroke: #999; stroke-width: 2.4px; fill: none; }
`;
const COLOURS = {
  red: "#c62828",
  black: "#222222",
  blue: "#1565c0",
  green: "#2e7d32",
  yellow: "#c9a400",
  orange: "#ef6c00",
  purple: "#7b1fa2",
  grey: "#777777",
  brown: "#6d4c41",
  white: "#b0b0b0",
};
const FACES = {
  board: "#00695c",
  module: "#37474f",
  meter: "#eceff1",
  live: "#fdecea",
  chip: "#333333",
  plain: "#ffffff",
};
const PIN = 18;

const escaped = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x, y, words, kind = "") => `<text x="${x}" y="${y}" class="${kind}">${escaped(words)}</text>`;

/** The SVG of a wiring picture as text. */
export function wired({ title, notes = [], size: [width, height], left = 0, things, wires }) {
  const made = new Map(Object.entries(things).map(([name, thing]) => [name, placed(name, thing)]));
  const pinOf = (place) => {
    const at = place.indexOf(".");
    const pin = made.get(place.slice(0, at))?.pins[place.slice(at + 1)];
    if (pin === undefined) throw new Error(`there is no pin ${place}`);
    return pin;
  };
  const drawnWires = wires.map(([from, to, colour]) => wire(pinOf(from), pinOf(to), colour));
  const high = height + 40 + 16 * notes.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${high}" viewBox="0 0 ${width} ${high}">
<style>${STYLE}</style>
<rect width="${width}" height="${high}" fill="#fff"/>
${text(16, 26, title, "title")}
<g transform="translate(${-left},36)">
${[...made.values()].map(({ drawing }) => drawing).join("\n")}
${drawnWires.join("\n")}
${[...made.values()].map(({ above = "" }) => above).join("")}
</g>
${notes.map((line, k) => text(16, height + 50 + 16 * k, line, "note")).join("\n")}
</svg>
`;
}

/** A wire leaves each pin straight and bends on its way. */
function wire(from, to, colour) {
  if (!(colour in COLOURS)) throw new Error(`there is no colour ${colour}`);
  const reach = Math.min(90, 24 + Math.hypot(to.x - from.x, to.y - from.y) / 3);
  const d =
    `M${from.x},${from.y} C${from.x + reach * from.dx},${from.y + reach * from.dy} ` +
    `${to.x + reach * to.dx},${to.y + reach * to.dy} ${to.x},${to.y}`;
  return `<path d="${d}" class="under"/><path d="${d}" class="wire" stroke="${COLOURS[colour]}"/>`;
}

function placed(name, thing) {
  if (thing.kind === "uno") return box(name, { ...UNO, at: thing.at, label: thing.label ?? UNO.label });
  if (thing.kind in SMALL) return small(thing);
  if (thing.kind === "strip") return strip(thing);
  if (thing.kind === "node") return node(thing);
  if (thing.kind === "label") return { pins: {}, drawing: text(...thing.at, thing.text) };
  return box(name, thing);
}

/** As an Uno lies with its USB socket on the left. */
const UNO = {
  label: "Arduino Uno R3",
  face: "board",
  top: [
    "",
    "",
    "AREF",
    "GND #d",
    "D13",
    "D12",
    "D11",
    "D10",
    "D9",
    "D8",
    "",
    "D7",
    "D6",
    "D5",
    "D4",
    "D3",
    "D2",
    "D1",
    "D0",
  ],
  bottom: [
    "",
    "",
    "",
    "",
    "",
    "IOREF",
    "RESET",
    "3V3",
    "5V",
    "GND",
    "GND #2",
    "VIN",
    "",
    "A0",
    "A1",
    "A2",
    "A3",
    "A4",
    "A5",
  ],
  left: ["USB"],
  height: 150,
};

/** A board, module or strip with pins along its edges, in the order of the names; an empty name is an empty place. */
function box(
  name,
  { at: [x, y], label = name, face = "module", top = [], bottom = [], left = [], right = [], ...size },
) {
  const width = size.width ?? Math.max(top.length, bottom.length, 4) * PIN + 24;
  const height = size.height ?? Math.max(left.length, right.length, 2) * PIN + 46;
  const light = face === "board" || face === "module" || face === "chip";
  const ink = light ? " light" : "";
  const pins = {};
  const holes = [];
  const hole = (pin, px, py, dx, dy, tx, ty, anchor) => {
    if (pin === "") return;
    pins[pin] = { x: px, y: py, dx, dy };
    holes.push(`<rect x="${px - 4}" y="${py - 4}" width="8" height="8" class="hole"/>`);
    const words = pin.replace(/ ?#.*/, "");
    if (dy === 0) holes.push(text(tx, ty, words, `pin ${anchor}${ink}`));
    else
      holes.push(
        `<g transform="translate(${px + 3},${ty}) rotate(-90)">${text(0, 0, words, `pin ${anchor}${ink}`)}</g>`,
      );
  };
  const across = (names) => x + (width - (names.length - 1) * PIN) / 2;
  const down = (names) => y + 34 + (height - 44 - (names.length - 1) * PIN) / 2;
  top.forEach((pin, k) => {
    hole(pin, across(top) + k * PIN, y + 8, 0, -1, 0, y + 16, "end");
  });
  bottom.forEach((pin, k) => {
    hole(pin, across(bottom) + k * PIN, y + height - 8, 0, 1, 0, y + height - 16, "");
  });
  left.forEach((pin, k) => {
    hole(pin, x + 8, down(left) + k * PIN, -1, 0, x + 16, down(left) + k * PIN + 3, "");
  });
  right.forEach((pin, k) => {
    hole(pin, x + width - 8, down(right) + k * PIN, 1, 0, x + width - 16, down(right) + k * PIN + 3, "end");
  });
  const border = face === "live" ? "#b00020" : "#222";
  const words = label.split("\n");
  const middle = top.length > 0 || bottom.length > 0 ? y + height / 2 + 4 - 7 * (words.length - 1) : y + 16;
  return {
    pins,
    drawing:
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="7" ` +
      `fill="${FACES[face]}" stroke="${border}" stroke-width="${face === "live" ? 2.5 : 1.2}"/>` +
      words
        .map((line, k) => text(x + width / 2, middle + 14 * k, line, `${k === 0 ? "name" : "middle"}${ink}`))
        .join("") +
      holes.join(""),
  };
}

/** A row of a breadboard or a terminal strip: pins `u640` above and `d640` below, named by where they are. */
function strip({ at: [x, y], width, label, face = "plain", up = [], down = [] }) {
  const rows = [
    ...up.map((px) => [`u${px}`, { x: px, y: y + 7, dx: 0, dy: -1 }]),
    ...down.map((px) => [`d${px}`, { x: px, y: y + 29, dx: 0, dy: 1 }]),
  ];
  const holes = rows.map(([, pin]) => `<rect x="${pin.x - 4}" y="${pin.y - 4}" width="8" height="8" class="hole"/>`);
  const bar = `<rect x="${x}" y="${y}" width="${width}" height="36" rx="5" fill="${FACES[face]}" stroke="#222"/>`;
  return { pins: Object.fromEntries(rows), drawing: bar + holes.join("") + text(x + 10, y + 22, label, "") };
}

/** Where wires meet: `t`, `b`, `l`, `r` say which way each leaves. */
function node({ at: [x, y] }) {
  const out = { t: [0, -1], b: [0, 1], l: [-1, 0], r: [1, 0] };
  const pins = Object.fromEntries(Object.entries(out).map(([name, [dx, dy]]) => [name, { x, y, dx, dy }]));
  return { pins, drawing: "", above: `<circle cx="${x}" cy="${y}" r="6" fill="#222"/>` };
}

/** Parts with two leads, `a` left and `b` right, 60 wide; `turned` puts a above and b below. */
const SMALL = {
  resistor:
    '<rect x="-18" y="-7" width="36" height="14" rx="6" fill="#e6cfa3" stroke="#8d6e43"/>' +
    '<path d="M-9,-7 v14 M-3,-7 v14 M3,-7 v14 M11,-7 v14" stroke="#6d4c41" stroke-width="2.5"/>',
  electrolytic:
    '<circle r="14" fill="#263c6b" stroke="#111"/><path d="M7,-12 A14,14 0 0 1 7,12" fill="none" stroke="#cfd8dc" stroke-width="5"/>' +
    '<text x="-9" y="5" class="light">+</text>',
  capacitor: '<ellipse rx="13" ry="9" fill="#d9a441" stroke="#8d6e43"/>',
  led: '<circle r="10" fill="#ef5350" stroke="#8e0000"/><path d="M8,-6 V6" stroke="#8e0000" stroke-width="2"/>',
  phototransistor:
    '<circle r="10" fill="#cfe8ff" stroke="#33587a"/><path d="M-5,-5 L5,5 M5,-5 L-5,5" stroke="#33587a"/>',
  button:
    '<rect x="-14" y="-14" width="28" height="28" rx="3" fill="#555" stroke="#111"/><circle r="8" fill="#c62828"/>',
  clamp:
    '<rect x="-26" y="-22" width="52" height="44" rx="8" fill="#1976d2" stroke="#0d3c6e"/>' +
    '<circle r="13" fill="#fff" stroke="#0d3c6e"/>' +
    '<path d="M0,-32 V32" stroke="#b00020" stroke-width="5"/><path d="M-6,-24 L0,-33 L6,-24 Z" fill="#b00020"/>',
  adapter:
    '<rect x="-26" y="-24" width="52" height="48" rx="6" fill="#424242" stroke="#111"/>' +
    '<path d="M-8,24 v9 M8,24 v9" stroke="#b08d3c" stroke-width="5"/>',
};

function small({ kind, at: [x, y], turned = false, label = "", leads = "both" }) {
  const spin = ([px, py]) => (turned ? [-py, px] : [px, py]);
  const ways = {
    both: { a: [-30, 0], b: [30, 0], lead: "M-30,0 H30", out: (pin) => spin([pin === "a" ? -1 : 1, 0]) },
    right: { a: [40, -10], b: [40, 10], lead: "M20,-10 H40 M20,10 H40", out: () => [1, 0] },
    up: { a: [-10, -42], b: [10, -42], lead: "M-10,-20 V-42 M10,-20 V-42", out: () => [0, -1] },
  };
  const way = ways[leads];
  const pins = {};
  for (const pin of ["a", "b"]) {
    const [px, py] = spin(way[pin]);
    const [dx, dy] = way.out(pin);
    pins[pin] = { x: x + px, y: y + py, dx, dy };
  }
  const lines = label.split("\n");
  const labels = lines.map((line, k) =>
    turned
      ? text(x + 20, y + 3 + 13 * k - 6 * (lines.length - 1), line)
      : text(x, y + (leads === "both" ? 26 : 48) + 13 * k, line, "middle"),
  );
  const body = leads === "up" && kind === "clamp" ? `<g transform="rotate(90)">${SMALL[kind]}</g>` : SMALL[kind];
  return {
    pins,
    drawing:
      `<g transform="translate(${x},${y})${turned ? " rotate(90)" : ""}"><path d="${way.lead}" class="lead"/>${body}</g>` +
      labels.join(""),
  };
}
