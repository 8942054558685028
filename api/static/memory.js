// What the explorer keeps, in this browser alone: runs between visits; the draft, the session and ids for the tab only.
// A run that has a secret in it, or is very long, is not kept at all.

const RUNS_MAX = 40;
const RUN_CHARACTERS_MAX = 50_000;

const SECRET = /password|token|secret/i;

// A browser may forbid its storage, where even to name it raises, or call it full; what it does not take is kept until
// the page is left.
const unsaved = new Map();
const inTab = () => sessionStorage;
const inBrowser = () => localStorage;

function read(storage, name, fallback) {
  if (unsaved.has(name)) return unsaved.get(name);
  try {
    return JSON.parse(storage().getItem(`lab.${name}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

function isSaved(storage, name, value) {
  try {
    storage().setItem(`lab.${name}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function remove(storage, name) {
  unsaved.delete(name);
  try {
    storage().removeItem(`lab.${name}`);
  } catch {
    // Nothing lies there.
  }
}

function write(storage, name, value) {
  // What lay there before must not come back with the next page: a refresh token used twice ends its session.
  remove(storage, name);
  if (!isSaved(storage, name, value)) unsaved.set(name, value);
}

export const memory = {
  get draft() { return read(inTab, "draft", {}); },
  set draft(draft) { write(inTab, "draft", draft); },

  get session() { return read(inTab, "session", {}); },
  set session(session) { write(inTab, "session", session); },

  get ids() { return read(inTab, "ids", {}); },
  set ids(ids) { write(inTab, "ids", ids); },

  get runs() { return read(inBrowser, "runs", []); },

  // The oldest runs make room where the storage is full.
  remember(run) {
    const text = run.query + run.variables;
    if (SECRET.test(text) || text.length > RUN_CHARACTERS_MAX) return;
    const others = this.runs.filter(({ query, variables }) => query !== run.query || variables !== run.variables);
    const runs = [run, ...others].slice(0, RUNS_MAX);
    let count = runs.length;
    while (count && !isSaved(inBrowser, "runs", runs.slice(0, count))) count -= 1;
    if (count) unsaved.delete("runs");
    else unsaved.set("runs", runs);
  },

  forget() { remove(inBrowser, "runs"); },
};

// The first string of that name anywhere in an answer.
export function find(value, name) {
  if (value === null || typeof value !== "object") return null;
  if (typeof value[name] === "string") return value[name];
  return Object.values(value).map((inner) => find(inner, name)).find(Boolean) ?? null;
}
