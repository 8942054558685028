// Draws characters x pictures as transparent PNG files: identity options held, expression options drawn anew each time.
// Every second character is a sibling of the one before it: one or two options differ, visibly, all others are the same.
// Usage: node draw_characters.mjs OUT_DIR [characters a style] [pictures a character] [seed]
import { mkdirSync, writeFileSync } from "node:fs";
import { createAvatar } from "@dicebear/core";
import { Resvg } from "@resvg/resvg-js";
import { STYLES, drawing } from "./styles.mjs";

const [out, charactersText = "120", picturesText = "8", seedText = "1"] = process.argv.slice(2);
const SIZE_PIXELS = 256;
// A sibling that shows in less of the picture than this is nobody else.
const DIFFERENT_SHARE_MIN = 0.015;
const ATTEMPTS = 20;

function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = (random, list) => list[Math.floor(random() * list.length)];

function choicesOf(style, name) {
  const { colours } = STYLES[style];
  const property = drawing(style).schema.properties[name];
  return colours[name] ?? property.items?.enum ?? property.default;
}

function heldOptions(style, random) {
  const options = {};
  for (const [name, property] of Object.entries(drawing(style).schema.properties)) {
    if (STYLES[style].varied.includes(name) || name.startsWith("background")) continue;
    if (name.endsWith("Probability")) options[name] = random() * 100 < Math.max(property.default, 25) ? 100 : 0;
    else if (property.type === "array" && property.items?.type === "string") options[name] = [pick(random, choicesOf(style, name))];
  }
  if (style === "avataaars") options.style = ["default"];
  if (style === "notionists") options.gestureProbability = 30;
  return options;
}

function siblingOf(style, held, random) {
  const changed = { ...held };
  const names = [...STYLES[style].shown].filter((name) => held[name]).sort(() => random() - 0.5);
  for (const name of names.slice(0, random() < 0.6 ? 1 : 2)) {
    const others = choicesOf(style, name).filter((choice) => choice !== held[name][0]);
    if (others.length) changed[name] = [pick(random, others)];
  }
  return changed;
}

function expression(style, random) {
  const options = {};
  for (const name of STYLES[style].varied) options[name] = [pick(random, choicesOf(style, name))];
  return options;
}

function draw(style, options, seed) {
  const svg = createAvatar(drawing(style), { ...options, seed, backgroundColor: ["transparent"] }).toString();
  return new Resvg(svg, { fitTo: { mode: "width", value: SIZE_PIXELS } }).render();
}

function differentShare(style, one, other) {
  const face = expression(style, generator(1));
  const [a, b] = [one, other].map((held) => draw(style, { ...held, ...face }, "same").pixels);
  let different = 0;
  for (let at = 0; at < a.length; at += 4) {
    const distance = Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2]);
    if (distance > 60 || Math.abs(a[at + 3] - b[at + 3]) > 60) different += 1;
  }
  return different / (a.length / 4);
}

function visibleSiblingOf(style, held, random) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const sibling = siblingOf(style, held, random);
    if (differentShare(style, held, sibling) >= DIFFERENT_SHARE_MIN) return sibling;
  }
  return heldOptions(style, random);
}

const index = [];
for (const [number, style] of Object.keys(STYLES).entries()) {
  const random = generator(7919 * (number + 1) * Number(seedText));
  let held;
  for (let character = 0; character < Number(charactersText); character += 1) {
    held = character % 2 ? visibleSiblingOf(style, held, random) : heldOptions(style, random);
    const name = `${style}-${String(character).padStart(3, "0")}`;
    mkdirSync(`${out}/${name}`, { recursive: true });
    for (let picture = 0; picture < Number(picturesText); picture += 1) {
      writeFileSync(`${out}/${name}/${picture}.png`, draw(style, { ...held, ...expression(style, random) }, name).asPng());
    }
    index.push({ id: name, style, pair: Math.floor(character / 2), held });
  }
  console.log(style);
}
writeFileSync(`${out}/index.json`, JSON.stringify(index));
