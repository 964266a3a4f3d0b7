// The symbols of the schematics (IEC 60617 shapes): each gives its size, its drawing and where its pins are.
// Pins lie on the left and right edge only, so that a schematic reads from left to right. A pin on a rail (5V, GND,
// bias ...) shows the rail's name instead of a wire.

const CHARACTER = 6.7;
const LINE = 13;
/** From one pin of a box to the next. */
const PITCH = 26;

const text = (x, y, words, kind = "") => `<text x="${x}" y="${y}" class="${kind}">${escaped(words)}</text>`;
const path = (d, kind = "wire") => `<path d="${d}" class="${kind}"/>`;
const escaped = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const wide = (words) => Math.ceil(words.length * CHARACTER);
const lines = (part) => [part.ref, ...(part.value ?? "").split("\n")].filter((line) => line !== "");

const dot = (x, y) => `<circle cx="${x}" cy="${y}" r="2.5" class="dot"/>`;

/** A rail at the end of a stub: the ground sign, or the rail's name. */
function foot(x, y, rail, up = false) {
  if (rail === "GND" && !up)
    return path(`M${x - 9},${y} H${x + 9} M${x - 6},${y + 4} H${x + 6} M${x - 3},${y + 8} H${x + 3}`);
  return path(`M${x - 9},${y} H${x + 9}`, "rail") + text(x, up ? y - 4 : y + 12, rail, "middle rail-name");
}

/** A rail beside a pin. */
function flag(x, y, rail, left) {
  const width = wide(rail) + 8;
  const at = left ? x - width : x;
  const pill = `<rect x="${at}" y="${y - 8}" width="${width}" height="16" rx="4" class="flag"/>`;
  return pill + text(at + width / 2, y + 4, rail, "middle rail-name");
}

/** The two-terminal parts, drawn from (0, 0) to (50, 0). */
const ELEMENTS = {
  resistor: path("M0,0 H10 M40,0 H50") + path("M10,-6 H40 V6 H10 Z", "body"),
  capacitor: path("M0,0 H22 M28,0 H50") + path("M22,-11 V11 M28,-11 V11", "body"),
  "capacitor-polar":
    path("M0,0 H21 M29,0 H50") + path("M25,0 m-4,-11 h4 v22 h-4 z M29,-11 V11 M13,-10 h6 M16,-13 v6", "body"),
  diode: path("M0,0 H16 M34,0 H50") + path("M16,-9 V9 L34,0 Z M34,-9 V9", "body"),
  zener: path("M0,0 H16 M34,0 H50") + path("M34,-9 V9 L16,0 Z M16,-9 V9 M16,-9 h5", "body"),
  led:
    path("M0,0 H16 M34,0 H50") +
    path("M16,-9 V9 L34,0 Z M34,-9 V9", "body") +
    path("M22,-11 l6,-8 m-5,1 l5,-1 l0,5 M29,-11 l6,-8 m-5,1 l5,-1 l0,5", "wire"),
  button:
    path("M0,0 H15 M35,0 H50") +
    path("M15,-7 H35 M25,-7 V-14 M20,-14 H30", "body") +
    '<circle cx="15" cy="0" r="2" class="body"/><circle cx="35" cy="0" r="2" class="body"/>',
  contact:
    path("M0,0 H15 M35,0 H50") +
    path("M15,0 L34,-9", "body") +
    '<circle cx="15" cy="0" r="2" class="body"/><circle cx="35" cy="0" r="2" class="body"/>',
  phototransistor:
    path("M0,0 H16 M34,0 H50") +
    path("M16,0 L21,7 M29,7 L34,0 M17,7 H33", "body") +
    path("M20,-18 l4,10 m-5,-2 l5,2 l2,-5 M28,-18 l4,10 m-5,-2 l5,2 l2,-5", "wire"),
};

/** In line with the wire: `a` on the left, `b` on the right. */
function series(part, kind) {
  const [ref, ...values] = lines(part);
  const width = Math.max(70, ...lines(part).map(wide)) + 10;
  const y = 34;
  const begin = width / 2 - 25;
  return {
    width,
    height: y + 16 + LINE * values.length,
    drawing:
      text(width / 2, y - 21, ref, "middle ref") +
      path(`M0,${y} H${begin} M${begin + 50},${y} H${width}`) +
      `<g transform="translate(${begin},${y})">${ELEMENTS[kind]}</g>` +
      values.map((line, k) => text(width / 2, y + 22 + LINE * k, line, "middle")).join(""),
    pins: { a: { x: 0, y }, b: { x: width, y } },
    through: {},
  };
}

/** From the wire (`line`, which goes on to the right) down to a rail (`rail`), or with `up` up to it. */
function shunt(part, kind, up) {
  const words = lines(part);
  const x = 22;
  const width = x + 26 + Math.max(30, ...words.map(wide));
  const y = up ? 76 : 8;
  const turned = up ? `translate(${x},${y - 50}) rotate(90)` : `translate(${x},${y}) rotate(90)`;
  return {
    width,
    height: 84,
    drawing:
      path(`M${part.inward.has("line") ? 0 : x},${y} H${part.onward.has("line") ? width : x}`) +
      `${part.inward.has("line") && part.onward.has("line") ? dot(x, y) : ""}<g transform="${turned}">${ELEMENTS[kind]}</g>` +
      (up ? foot(x, y - 50, part.pins.rail, true) : foot(x, y + 50, part.pins.rail)) +
      words.map((line, k) => text(x + 24, (up ? 42 : 30) + LINE * k, line, k === 0 ? "ref" : "")).join(""),
    pins: { line: { x: 0, y }, out: { x: width, y } },
    through: { line: "out" },
  };
}

/** Between two wires that both go on to the right: `a` above, `b` below. */
function bridge(part, kind) {
  const words = lines(part);
  const x = 22;
  const width = x + 26 + Math.max(30, ...words.map(wide));
  return {
    width,
    height: 66,
    drawing:
      path(`M0,8 H${part.onward.has("a") ? width : x} M0,58 H${part.onward.has("b") ? width : x}`) +
      (part.onward.has("a") ? dot(x, 8) : "") +
      (part.onward.has("b") ? dot(x, 58) : "") +
      `<g transform="translate(${x},8) rotate(90)">${ELEMENTS[kind]}</g>` +
      words.map((line, k) => text(x + 24, 30 + LINE * k, line, k === 0 ? "ref" : "")).join(""),
    pins: { a: { x: 0, y: 8 }, "a-out": { x: width, y: 8 }, b: { x: 0, y: 58 }, "b-out": { x: width, y: 58 } },
    through: { a: "a-out", b: "b-out" },
  };
}

/** A sensor with two pins on its right: `1` above, `2` below. */
function sensor(part, drawing) {
  const words = lines(part);
  const rails = Object.entries(part.pins).filter(([, net]) => part.rails.includes(net));
  const flags = Math.max(0, ...rails.map(([, net]) => wide(net) + 8));
  const width = Math.max(84 + flags, ...words.map(wide));
  const row = { 1: 20, 2: 60 };
  const wires = Object.entries(part.pins).map(([pin, net]) =>
    part.rails.includes(net)
      ? path(`M70,${row[pin]} h10`) + flag(80, row[pin], net, false)
      : path(`M70,${row[pin]} H${width}`),
  );
  return {
    width,
    height: 84 + LINE * words.length,
    drawing:
      drawing + wires.join("") + words.map((line, k) => text(0, 96 + LINE * k, line, k === 0 ? "ref" : "")).join(""),
    pins: { 1: { x: width, y: 20 }, 2: { x: width, y: 60 } },
    through: {},
  };
}

/** The end of a wire that has a name elsewhere. */
function named(part) {
  const width = wide(part.value) + 12;
  return { width, height: 20, drawing: flag(0, 10, part.value, false), pins: { line: { x: 0, y: 10 } }, through: {} };
}

const COIL = "M70,20 H58 M70,60 H58 M58,20 a6,5 0 0 0 0,10 a6,5 0 0 0 0,10 a6,5 0 0 0 0,10 a6,5 0 0 0 0,10";
/** A current transformer on an insulated conductor; the arrow is the clamp's. */
const CLAMP =
  path("M26,0 V80", "mains") +
  path("M26,14 l-4,8 h8 z", "mains-arrow") +
  path("M40,16 V64 M44,16 V64", "body") +
  path(COIL, "body") +
  `<ellipse cx="26" cy="44" rx="15" ry="7" class="wire"/>`;
const ADAPTER =
  path("M0,20 H12 M0,60 H12 M12,20 H26 a6,5 0 0 1 0,10 a6,5 0 0 1 0,10 a6,5 0 0 1 0,10 a6,5 0 0 1 0,10 H12", "mains") +
  path("M40,16 V64 M44,16 V64", "body") +
  path(COIL, "body") +
  `<rect x="8" y="4" width="72" height="72" rx="6" class="dashed"/>` +
  text(0, 14, "L", "mains-name") +
  text(0, 76, "N", "mains-name");

/** A board, module or instrument: pins with names on its left and right edge. */
function box(part) {
  const left = Object.entries(part.left ?? {});
  const right = Object.entries(part.right ?? {});
  const rows = Math.max(left.length, right.length, 1);
  const values = (part.value ?? "").split("\n").filter((line) => line !== "");
  const railed = (pins) => pins.filter(([, net]) => part.rails.includes(net));
  const margin = (pins) =>
    railed(pins).length > 0 ? Math.max(...railed(pins).map(([, net]) => wide(net) + 8)) + 10 : 0;
  const [leftMargin, rightMargin] = [margin(left), margin(right)];
  const names = (pins) => Math.max(0, ...pins.map(([name]) => wide(shown(name))));
  const inner = Math.max(
    names(left) + names(right) + 40,
    wide(part.ref) + 16,
    ...values.map((line) => wide(line) + 16),
  );
  const top = LINE * (1 + values.length) + 12;
  const width = leftMargin + inner + rightMargin;
  const row = (k) => top + 12 + PITCH * k;
  const height = top + PITCH * rows;
  const pins = {};
  let drawing =
    `<rect x="${leftMargin}" y="0" width="${inner}" height="${height}" rx="3" class="${part.danger === "all" ? "danger" : "box"}"/>` +
    (part.danger === "left"
      ? `<rect x="${leftMargin}" y="0" width="${inner / 2}" height="${height}" class="live-half"/>` +
        path(`M${leftMargin + inner / 2},${top - 6} V${height}`, "dashed live-edge")
      : "") +
    [part.ref, ...values]
      .map((line, k) => text(leftMargin + inner / 2, 16 + LINE * k, line, k === 0 ? "middle ref" : "middle"))
      .join("");
  left.forEach(([name, net], k) => {
    const y = row(k);
    drawing += text(leftMargin + 6, y + 4, shown(name));
    if (part.rails.includes(net)) drawing += path(`M${leftMargin},${y} h-10`) + flag(leftMargin - 10, y, net, true);
    else if (net !== null) drawing += path(`M0,${y} H${leftMargin}`);
    pins[`left ${name}`] = { x: 0, y };
  });
  right.forEach(([name, net], k) => {
    const y = row(k);
    const edge = leftMargin + inner;
    drawing += text(edge - 6, y + 4, shown(name), "end");
    if (part.rails.includes(net)) drawing += path(`M${edge},${y} h10`) + flag(edge + 10, y, net, false);
    else if (net !== null) drawing += path(`M${edge},${y} H${width}`);
    pins[`right ${name}`] = { x: width, y };
  });
  return { width, height, drawing, pins, through: {} };
}

/** Two pins of one name are told apart by what stands behind a blank and `#`. */
const shown = (name) => name.replace(/ ?#.*/, "");

/** The symbol of a part: its kind is the element, with a word before it that says how it stands. */
export function symbolOf(part) {
  if (part.symbol === "box") return box(part);
  if (part.symbol === "clamp") return sensor(part, CLAMP);
  if (part.symbol === "adapter") return sensor(part, ADAPTER);
  if (part.symbol === "name") return named(part);
  const [stance, ...rest] = part.symbol.split(" ");
  const kind = rest.join(" ");
  if (!(kind in ELEMENTS)) throw new Error(`${part.ref}: there is no symbol "${part.symbol}"`);
  if (stance === "series") return series(part, kind);
  if (stance === "down") return shunt(part, kind, false);
  if (stance === "up") return shunt(part, kind, true);
  if (stance === "between") return bridge(part, kind);
  throw new Error(`${part.ref}: there is no symbol "${part.symbol}"`);
}
