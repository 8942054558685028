// A small text editor: a transparent textarea over coloured text, with line numbers; Tab indents, brackets close.
// Behind Escape, Tab goes on to what comes next, as it does everywhere else: not everybody has a mouse to leave with.

const PAIRS = { "{": "}", "(": ")", "[": "]" };

export class Editor {
  constructor(place, { colours, text, onChange = () => {} }) {
    this.place = place;
    this.colours = colours;
    this.onChange = onChange;
    this.hasEscaped = false;
    this.lines = element("div", "lines");
    this.sheet = element("div", "sheet");
    this.shown = element("pre");
    this.area = element("textarea");
    Object.assign(this.area, { spellcheck: false, autocapitalize: "off", wrap: "off" });
    this.area.setAttribute("aria-label", `${place.dataset.label}. Tab indents; Escape, then Tab leaves.`);
    this.sheet.append(this.shown, this.area);
    place.append(this.lines, this.sheet);
    this.area.addEventListener("input", () => this.changed());
    this.area.addEventListener("keydown", (event) => this.typed(event));
    this.text = text;
  }

  get text() { return this.area.value; }

  set text(text) {
    this.area.value = text;
    this.changed();
  }

  get cursor() { return this.area.selectionStart; }

  changed() {
    const count = this.text.split("\n").length;
    this.lines.textContent = Array.from({ length: count }, (_, number) => number + 1).join("\n");
    this.shown.replaceChildren(this.colours(this.text), "\n");
    this.onChange(this.text);
  }

  replace(start, end, text) {
    this.area.focus();
    this.area.setRangeText(text, start, end, "end");
    this.area.dispatchEvent(new Event("input"));
  }

  typed(event) {
    if (event.defaultPrevented || event.isComposing) return;
    const isLeaving = this.hasEscaped;
    this.hasEscaped = event.key === "Escape";
    if (event.key === "Tab" && !event.shiftKey && !isLeaving) {
      event.preventDefault();
      this.replace(this.cursor, this.area.selectionEnd, "  ");
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.breakLine();
    } else if (PAIRS[event.key] && this.cursor === this.area.selectionEnd && /^(\s|[)\]}]|$)/.test(this.text.slice(this.cursor))) {
      event.preventDefault();
      this.close(event.key);
    } else if (Object.values(PAIRS).includes(event.key) && this.text[this.cursor] === event.key) {
      event.preventDefault();
      this.area.setSelectionRange(this.cursor + 1, this.cursor + 1);
    }
  }

  close(bracket) {
    this.replace(this.cursor, this.cursor, bracket + PAIRS[bracket]);
    this.area.setSelectionRange(this.cursor - 1, this.cursor - 1);
  }

  breakLine() {
    const before = this.text.slice(0, this.cursor);
    const indent = /^[ ]*/.exec(before.slice(before.lastIndexOf("\n") + 1))[0];
    const opens = /[{([]\s*$/.test(before);
    const closes = opens && /^[ ]*[})\]]/.test(this.text.slice(this.area.selectionEnd));
    this.replace(this.cursor, this.area.selectionEnd, `\n${indent}${opens ? "  " : ""}`);
    if (closes) {
      const here = this.cursor;
      this.area.setRangeText(`\n${indent}`, here, here, "start");
      this.area.dispatchEvent(new Event("input"));
    }
  }

  // Where the cursor is on the screen: the text is monospaced, so counting is enough.
  place_of_cursor() {
    const before = this.text.slice(0, this.cursor).split("\n");
    const box = this.shown.getBoundingClientRect();
    const probe = element("span", "", "x".repeat(50));
    this.shown.append(probe);
    const width = probe.getBoundingClientRect().width / 50;
    probe.remove();
    return { left: box.left + 6 + before.at(-1).length * width, top: box.top + 10 + before.length * 20 };
  }
}

export function element(tag, kind = "", text = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}
