// What the explorer keeps, in this browser alone: runs between visits, the draft and the token for the tab only.
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

export const memory = {
  get draft() { return read(sessionStorage, "draft", {}); },
  set draft(draft) { sessionStorage.setItem("lab.draft", JSON.stringify(draft)); },

  get token() { return sessionStorage.getItem("lab.token") ?? ""; },
  set token(token) { sessionStorage.setItem("lab.token", token); },

  get runs() { return read(localStorage, "runs", []); },

  remember(run) {
    if (SECRET.test(run.query + run.variables)) return;
    const others = this.runs.filter(({ query, variables }) => query !== run.query || variables !== run.variables);
    localStorage.setItem("lab.runs", JSON.stringify([run, ...others].slice(0, RUNS_MAX)));
  },

  forget() { localStorage.removeItem("lab.runs"); },
};
