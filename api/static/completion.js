// The list of what may be written at the cursor.

import { completionsAt } from "./document.js";
import { element } from "./editor.js";

export class Completion {
  constructor(editor, list) {
    Object.assign(this, { editor, list, schema: null, found: null, chosen: 0 });
    const { area } = editor;
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-controls", list.id);
    // Heard before the editor's own listener, to which Tab and Enter would be an indent and a new line.
    area.addEventListener("keydown", (event) => this.typed(event), { capture: true });
    area.addEventListener("input", (event) => this.changed(event));
    area.addEventListener("blur", () => this.close());
    editor.place.addEventListener("scroll", () => this.close());
  }

  changed(event) {
    if (event.inputType === "insertText" && /[\w{(.]/.test(event.data ?? "")) this.open(false);
    else if (event.inputType === "deleteContentBackward" && this.found) this.open(false);
    else this.close();
  }

  // Asked for by hand it also opens with nothing typed.
  open(isAsked) {
    if (!this.schema) return;
    this.found = completionsAt(this.editor.text, this.editor.cursor, this.schema);
    if (this.found.items.length === 0 || (!isAsked && !this.found.word)) return this.close();
    this.chosen = 0;
    this.list.hidden = false;
    this.draw();
    const { left, top } = this.editor.place_of_cursor();
    this.list.style.left = `${Math.min(left, innerWidth - 400)}px`;
    this.list.style.top = `${top + this.list.offsetHeight > innerHeight ? top - this.list.offsetHeight - 22 : top + 2}px`;
  }

  close() {
    this.found = null;
    this.list.hidden = true;
    this.editor.area.removeAttribute("aria-activedescendant");
  }

  draw() {
    this.list.replaceChildren(...this.found.items.map((item, index) => {
      const line = element("li", "", item.text);
      line.append(element("small", "", item.note));
      line.id = this.idOf(index);
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(index === this.chosen));
      line.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.take(item);
      });
      return line;
    }));
    this.list.children[this.chosen]?.scrollIntoView({ block: "nearest" });
    // The focus stays in the text; this is how a screen reader learns which option is meant.
    this.editor.area.setAttribute("aria-activedescendant", this.idOf(this.chosen));
  }

  idOf(index) { return `${this.list.id}-${index}`; }

  take(item) {
    const { start } = this.found;
    this.close();
    this.editor.replace(start, this.editor.cursor, item.text + (item.tail ?? ""));
  }

  typed(event) {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      this.open(true);
    }
    if (!this.found) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const count = this.found.items.length;
    if (steps[event.key]) this.chosen = (this.chosen + steps[event.key] + count) % count;
    else if (event.key === "Tab" || (event.key === "Enter" && !event.ctrlKey)) this.take(this.found.items[this.chosen]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    if (this.found) this.draw();
  }
}
