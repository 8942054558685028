// What the explorer keeps, in this browser alone: runs between visits; the draft, the session and ids for the tab only.
// A run that has a secret in it is not kept at all.

const RUNS_MAX = 40;

const SECRET = /password|token|secret/i;

function read(storage, name, fallback) {
  try {
    return JSON.parse(storage.getItem(`lab.${name}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

function write(storage, name, value) { storage.setItem(`lab.${name}`, JSON.stringify(value)); }

export const memory = {
  get draft() { return read(sessionStorage, "draft", {}); },
  set draft(draft) { write(sessionStorage, "draft", draft); },

  get session() { return read(sessionStorage, "session", {}); },
  set session(session) { write(sessionStorage, "session", session); },

  get ids() { return read(sessionStorage, "ids", {}); },
  set ids(ids) { write(sessionStorage, "ids", ids); },

  get runs() { return read(localStorage, "runs", []); },

  remember(run) {
    if (SECRET.test(run.query + run.variables)) return;
    const others = this.runs.filter(({ query, variables }) => query !== run.query || variables !== run.variables);
    write(localStorage, "runs", [run, ...others].slice(0, RUNS_MAX));
  },

  forget() { localStorage.removeItem("lab.runs"); },
};

// The first string of that name anywhere in an answer.
export function find(value, name) {
  if (value === null || typeof value !== "object") return null;
  if (typeof value[name] === "string") return value[name];
  return Object.values(value).map((inner) => find(inner, name)).find(Boolean) ?? null;
}
