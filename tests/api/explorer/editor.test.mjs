import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { press } from "./browser.mjs";
import { Completion } from "../../../api/static/completion.js";
import { Editor } from "../../../api/static/editor.js";

const STRING = { kind: "SCALAR", name: "String" };
const QUERY = { fields: ["hello", "help"].map((name) => ({ name, type: STRING })) };
const SCHEMA = { roots: { query: QUERY }, fieldsOf: (type) => type.fields, print: ({ name }) => name };
let editor;
let list;

beforeEach(() => {
  const place = document.createElement("div");
  place.dataset.label = "Operation";
  editor = new Editor(place, { colours: () => "", text: "{ hel" });
  editor.area.setSelectionRange(5, 5);
  list = Object.assign(document.createElement("ul"), { id: "completions", hidden: true });
  new Completion(editor, list).schema = SCHEMA;
});

function type(letter) {
  editor.replace(editor.cursor, editor.cursor, letter);
  editor.area.dispatchEvent({ type: "input", inputType: "insertText", data: letter });
}

test("Tab indents, and behind Escape it leaves, as the label says", () => {
  assert.equal(press(editor.area, "Tab").defaultPrevented, true);
  assert.equal(editor.text, "{ hel  ");
  assert.equal(press(editor.area, "Escape", "Tab").defaultPrevented, false);
  assert.equal(press(editor.area, "Escape", "a", "Tab").defaultPrevented, true);
  assert.match(editor.area.attributes["aria-label"], /^Operation\. .*Escape, then Tab/);
});

test("the option that is chosen is told to whoever cannot see the list", () => {
  type("l");
  press(editor.area, "ArrowDown");
  const { attributes } = editor.area;
  const chosen = list.children.filter((option) => option.attributes["aria-selected"] === "true");
  assert.equal(attributes["aria-controls"], list.id);
  assert.deepEqual(chosen.map(({ id }) => id), [attributes["aria-activedescendant"]]);
  assert.equal(new Set(list.children.map(({ id }) => id)).size, list.children.length);
});

test("Enter takes the option, Escape closes the list and no more", () => {
  type("l");
  press(editor.area, "Escape");
  assert.deepEqual([list.hidden, "aria-activedescendant" in editor.area.attributes], [true, false]);
  assert.equal(press(editor.area, "Tab").defaultPrevented, true);
  editor.text = "{ he";
  editor.area.setSelectionRange(4, 4);
  type("l");
  press(editor.area, "Enter");
  assert.deepEqual([editor.text, list.hidden], ["{ hello", true]);
});
