// What a browser has and Node has not, no more of it than the page's modules need.

export class Storage {
  constructor(roomCharacters = Infinity) { Object.assign(this, { roomCharacters, kept: new Map() }); }

  getItem(name) { return this.kept.get(name) ?? null; }

  setItem(name, text) {
    if (text.length > this.roomCharacters) throw new Error("QuotaExceededError");
    this.kept.set(name, text);
  }

  removeItem(name) { this.kept.delete(name); }
}

class Element {
  constructor(tag) { Object.assign(this, { tag, children: [], attributes: {}, dataset: {}, style: {}, listeners: [], value: "", selectionStart: 0, selectionEnd: 0 }); }

  append(...parts) { this.children.push(...parts); }

  replaceChildren(...parts) { this.children = parts; }

  setAttribute(name, value) { this.attributes[name] = value; }

  removeAttribute(name) { delete this.attributes[name]; }

  // At the element itself those that capture are called first, as in a browser.
  addEventListener(type, listener, { capture = false } = {}) {
    this.listeners.push({ type, listener, capture });
    this.listeners.sort((a, b) => b.capture - a.capture);
  }

  dispatchEvent(event) { this.listeners.filter(({ type }) => type === event.type).forEach(({ listener }) => listener(event)); }

  setRangeText(text, start, end) {
    this.value = this.value.slice(0, start) + text + this.value.slice(end);
    this.setSelectionRange(start + text.length, start + text.length);
  }

  setSelectionRange(start, end) { Object.assign(this, { selectionStart: start, selectionEnd: end }); }

  getBoundingClientRect() { return { left: 0, top: 0, width: 0 }; }

  focus() {}

  remove() {}

  scrollIntoView() {}
}

export function define(globals) {
  for (const [name, get] of Object.entries(globals)) Object.defineProperty(globalThis, name, { configurable: true, get });
}

const document = { createElement: (tag) => new Element(tag), createDocumentFragment: () => new Element("fragment") };
const storages = { session: new Storage(), local: new Storage() };
const locked = globalThis.navigator?.locks;
define({
  document: () => document,
  innerWidth: () => 1000,
  innerHeight: () => 1000,
  location: () => ({ origin: "http://lab" }),
  navigator: () => ({ locks: locked }),
  sessionStorage: () => storages.session,
  localStorage: () => storages.local,
});

// The keys that are pressed in an element; answers the last event.
export function press(element, ...keys) {
  return keys.map((key) => {
    const event = { type: "keydown", key, defaultPrevented: false, preventDefault() { this.defaultPrevented = true; } };
    element.dispatchEvent(event);
    return event;
  }).at(-1);
}

// Answers what `fetch` is asked, by the name of the operation.
export function serve(answers) {
  const asked = [];
  globalThis.fetch = async (_address, { headers, body }) => {
    const { query, variables } = JSON.parse(body);
    const name = /\w+ (\w+)/.exec(query)[1];
    asked.push({ name, variables, authorization: headers.authorization });
    const answer = answers[name](variables);
    return { status: 200, json: async () => answer };
  };
  return asked;
}

export function refused(code, message = "No.") { return { data: null, errors: [{ message, extensions: { code } }] }; }
