/** The words on the stage: none meets another, or a node that is not its own, on a stage of any size. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { nameOf } from "../../web/static/js/stage/labels.js";
import { wordsOf as saidOn } from "../../web/static/js/stage/nodes.js";
import { layoutOf } from "../../web/static/js/stage/layout/layout.js";
import { LABELS, LINKS, NODES, SIDES } from "../../web/static/js/stage/table.js";

/** @typedef {import("../../web/static/js/stage/layout/types.js").Box} Box */
/** @typedef {import("../../web/static/js/stage/layout/types.js").Layout} Layout */
/** @typedef {import("../../web/static/js/stage/layout/types.js").Spot} Spot */
/** @typedef {{what: string, box: Box}} Words */

/** Stages in windows of many sizes. @type {[number, number, boolean][]} */
const STAGES = [
  [988, 423, false], [988, 371, false], [988, 311, false], [1488, 700, false], [1110, 640, false], [976, 464, false],
  [796, 548, false], [2900, 1500, false], [1256, 535, true], [1256, 400, true], [1256, 370, true], [1884, 560, true], [1884, 850, true], [796, 700, true],
  [366, 570, false], [366, 554, false], [406, 660, false], [296, 553, false], [716, 640, false], [366, 700, true],
];
/** The width of a wide typeface's characters, and the heights above and below its baseline, by its size. */
const WIDE = { bold: 0.62, regular: 0.52 };
/** How much wider spaced capitals are. */
const SPACED = 0.36;
const [ASCENT, DESCENT] = [0.78, 0.22];
/** The longest words that are usual. */
const LONGEST = Object.freeze({ who: "#1193 ", lab: "slowed 200 ms by the lab", short: "slowed", link: "latency 200 ms", shortLink: "bandwidth" });
/** What was injected, above a time. */
const INJECTED = { wide: "+ 0.123 ms", narrow: "+ 123 ms" };
const SAYS = Object.freeze({
  "browser": "you, or curl", "command-service": "service", "postgresql": "1,193 todos", "outbox": "12 waiting",
  "relay": "stands by", "rabbitmq": "1,193 in the queue", "dead-letters": "3", "projector": "500 in hand",
  "mongodb": "1,193 todos", "query-service": "service",
});

/** A count that differs from that of now, and the nodes that have one. */
const NOW = { wide: "1,193 · now 998", narrow: "193 · now 98" };
const TOOK = { wide: "▸0.262 ms…", narrow: "▸127 ms…" };
const COUNTED = { "postgresql": 1, "outbox": 1, "rabbitmq": 1, "projector": 1, "mongodb": 1 };

/** The sizes of type in stage.css, plain and for the room. */
const CSS = readFileSync(new URL("../../web/static/css/stage.css", import.meta.url), "utf8");
const [PLAIN, ROOM] = [".stage {", '.stage[data-type="large"] {'].map((head) => {
  const block = CSS.slice(CSS.indexOf(head)).split("}")[0];
  return new Map([...block.matchAll(/--type-([a-z-]+): ([0-9.]+)px/g)].map(([, name, px]) => [name, Number(px)]));
});

/**
 * On a small stage, type is so large for it that only shorter words have room.
 * @param {Layout} layout
 */
function roomOf({ orientation, width, type: { least, roomFor } }) {
  return least > roomFor || (orientation === "upright" && width < 350) ? "narrow" : "wide";
}

/**
 * @param {Layout} layout
 * @param {string} type
 */
function sizeOf(layout, type) {
  const { name, least } = layout.type;
  const size = (name === "large" ? ROOM.get(type) : undefined) ?? PLAIN.get(type);
  assert.ok(size, type);
  return Math.max(size, least);
}

/**
 * @param {Layout} layout
 * @param {string} what
 * @param {string} text
 * @param {Spot} spot
 * @param {string} type
 * @param {{down?: number, wide?: number}} [more]
 * @returns {Words}
 */
function written(layout, what, text, { x, y, anchor }, type, { down = 0, wide = WIDE.bold } = {}) {
  const size = sizeOf(layout, type);
  const w = text.length * size * wide;
  const left = { start: x, middle: x - w / 2, end: x - w }[anchor];
  return { what: `${what} "${text}"`, box: { x: left, y: y + down - size * ASCENT, w, h: size * (ASCENT + DESCENT) } };
}

/**
 * @param {Layout} layout
 * @param {boolean} [isInjected] Whether the lab has injected something into each stretch.
 */
function wordsOf(layout, isInjected = false) {
  const isUpright = layout.orientation === "upright";
  const { label } = layout.type;
  const words = NODES.flatMap((entry) => {
    const { name, says, lab } = layout.nodes[entry.name];
    const isActedOn = entry.name === "relay" || entry.name === "projector";
    const part = entry.kind === "part" ? "part" : "name";
    const text = "short" in entry ? entry.short : entry.label;
    return [
      written(layout, entry.name, text, name, entry.name === "dead-letters" ? "dead" : part),
      ...(isActedOn && isUpright ? [] : [written(layout, entry.name, SAYS[entry.name], says, "says", { wide: WIDE.regular })]),
      ...(isActedOn ? [written(layout, `lab at ${entry.name}`, isUpright ? LONGEST.short : LONGEST.lab, lab, "lab")] : []),
    ];
  });
  const labels = LABELS.flatMap((name) => {
    const line = layout.type.name === "large" ? LONGEST.who : `${LONGEST.who}${nameOf(name)}`;
    return [
      ...(isInjected ? [written(layout, name, INJECTED[roomOf(layout)], layout.labels[name], "what", { down: -label.up, wide: 0.56 })] : []),
      written(layout, name, line, layout.labels[name], "what", { down: -label.up, wide: 0.56 }),
      written(layout, name, TOOK[roomOf(layout)], layout.labels[name], "took", { down: label.down }),
    ];
  });
  const onPipe = layout.type.name === "large" || roomOf(layout) === "narrow" ? LONGEST.shortLink : LONGEST.link;
  // Elsewhere, what the lab does to a link takes the place of the name of a stretch, which is longer.
  const links = LINKS.filter(({ name }) => layout.links.isOnPipes && name !== "client-command-service")
    .map(({ name }) => written(layout, `lab on ${name}`, onPipe, layout.links.spots[name], "link"));
  const sides = Object.entries(SIDES).map(([side, text]) =>
    written(layout, "side", text, layout.sides[/** @type {keyof typeof SIDES} */ (side)], "side", { wide: isUpright ? WIDE.bold : WIDE.bold + SPACED }));
  return [...words, ...labels, ...links, ...sides];
}

/**
 * @param {Box} a
 * @param {Box} b
 */
function overlap(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

test("a node that contains something else now says so, in short", () => {
  const said = (/** @type {string} */ says, /** @type {string|null} */ now, state = "up") =>
    saidOn(/** @type {any} */ ({ state, says, now }));
  assert.equal(said("20 in the queue", "now 0"), "20 · now 0");
  assert.equal(said("20 in the queue", null), "20 in the queue");
  assert.equal(said("down", "now 0", "down"), "down");
  assert.equal(said("queue: –", "now 3"), "queue: –");
});

for (const [width_px, height_px, isLarge] of STAGES) {
  const layout = layoutOf({ width_px, height_px, isLarge });
  const size = `${width_px}x${height_px}${isLarge ? " for the room" : ""}`;

  test(`at ${size} no words meet others, with every switch on`, () => {
    const words = wordsOf(layout);
    const met = words.flatMap((one, index) => words.slice(index + 1)
      .filter((other) => overlap(one.box, other.box)).map((other) => `${one.what} | ${other.what}`));
    assert.deepEqual(met, []);
  });

  test(`at ${size} no times and no words of the lab meet a node, or the two truths`, () => {
    const boxes = [...Object.entries(layout.nodes).map(([name, { box }]) => ({ name, box })),
      ...(layout.middle ? [{ name: "middle", box: layout.middle }] : [])];
    const outside = wordsOf(layout).filter(({ what }) => !NODES.some(({ name }) => what.startsWith(`${name} "`))
      || LABELS.some((name) => what.startsWith(`${name} "#`) || what.startsWith(`${name} "▸`)));
    const met = outside.flatMap(({ what, box }) => boxes
      .filter((other) => overlap(box, other.box) && !(layout.orientation === "upright" && what.startsWith(`lab at ${other.name}`)))
      .map((other) => `${what} | ${other.name}`));
    assert.deepEqual(met, []);
  });

  test(`at ${size} what was injected has room where it stands`, () => {
    const boxes = Object.entries(layout.nodes).map(([name, { box }]) => ({ name, box }));
    const injected = wordsOf(layout, true).filter(({ what }) => what.includes('"+ '));
    const met = injected.flatMap(({ what, box }) => boxes.filter((other) => overlap(box, other.box)).map(({ name }) => `${what} | ${name}`));
    assert.deepEqual(met, []);
  });

  test(`at ${size} what a node says has room in it`, () => {
    const tight = NODES.filter(({ name, kind }) => {
      const { box: node, says } = layout.nodes[name];
      const text = name in COUNTED ? NOW[roomOf(layout)] : SAYS[name];
      const { box } = written(layout, name, text, says, kind === "part" ? "part-says" : "says", { wide: WIDE.regular });
      return box.x < node.x || box.x + box.w > node.x + node.w;
    });
    assert.deepEqual(tight.map(({ name }) => name), []);
  });

  test(`at ${size} what the lab does to a server is on the stage, and meets neither other words nor the two truths`, () => {
    const { middle, nodes, orientation, width } = layout;
    const others = wordsOf(layout);
    const bad = ["postgresql", "rabbitmq", "mongodb"].filter((name) => {
      const { lab } = nodes[/** @type {keyof typeof nodes} */ (name)];
      const { box } = written(layout, name, orientation === "upright" ? "stopped" : "stopped by the lab", lab, "lab");
      // What it contains makes room for it there.
      const met = others.filter((other) => !other.what.startsWith(`${name} "`) && overlap(box, other.box));
      return box.x < 0 || box.x + box.w > width || met.length || (middle && overlap(box, middle));
    });
    assert.deepEqual(bad, []);
  });

  test(`at ${size} all words are on the stage`, () => {
    const off = wordsOf(layout).filter(({ box: { x, y, w, h } }) => x < 0 || y < 0 || x + w > layout.width || y + h > layout.height);
    assert.deepEqual(off.map(({ what }) => what), []);
  });
}
