// The explorer: write an operation, run it or watch it, look the schema up.

import { ask, watch } from "./client.js";
import * as colours from "./colours.js";
import { Completion } from "./completion.js";
import { operationAt } from "./document.js";
import { Editor, element } from "./editor.js";
import { memory } from "./memory.js";
import { INTROSPECTION, Schema, SchemaPanel } from "./schema.js";

const RESULTS_MAX = 200;
const WELCOME = `# Ctrl-Enter runs the operation under the cursor, Ctrl-Space completes what you write.
# Queries and mutations answer once; subscriptions stay live until you stop them.

query Welcome {
  __typename
}
`;

const $ = (id) => document.getElementById(id);
const draft = memory.draft;
const keep = () => {
  if (editors) memory.draft = { query: editors.query.text, variables: editors.variables.text, headers: editors.headers.text };
};
let editors = null;
editors = {
  query: new Editor($("document"), { colours: colours.graphql, text: draft.query ?? WELCOME, onChange: keep }),
  variables: new Editor($("variables"), { colours: colours.json, text: draft.variables ?? "{}", onChange: keep }),
  headers: new Editor($("headers"), { colours: colours.json, text: draft.headers ?? "{}", onChange: keep }),
};
const completion = new Completion(editors.query, $("completions"));
const panel = new SchemaPanel({ shown: $("shown"), trail: $("trail"), search: $("search") });
let stop = null;

function headers() {
  const given = objectIn(editors.headers, "Headers");
  const token = $("token").value.trim();
  return token ? { authorization: `Bearer ${token}`, ...given } : given;
}

function objectIn(editor, label) {
  const text = editor.text.trim() || "{}";
  try {
    const value = JSON.parse(text);
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error("not an object");
    return value;
  } catch (error) {
    throw new Error(`${label}: ${error.message}`);
  }
}

function say(state, kind = "", timing = "") {
  $("state").textContent = state;
  $("state").className = `state ${kind}`;
  $("timing").textContent = timing;
}

function show(result, label) {
  const item = element("li", result.errors ? "bad" : "");
  const text = element("pre");
  text.append(colours.json(JSON.stringify(result, null, 2)));
  item.append(element("time", "", label), text);
  $("results").append(item);
  while ($("results").children.length > RESULTS_MAX) $("results").firstChild.remove();
  $("results").scrollTop = $("results").scrollHeight;
  offerToken(result.data);
}

function offerToken(data) {
  const token = find(data, "accessToken");
  $("offer").hidden = !token;
  $("use-token").onclick = () => {
    $("token").value = memory.token = token;
    $("offer").hidden = true;
  };
}

function find(value, name) {
  if (value === null || typeof value !== "object") return null;
  if (typeof value[name] === "string") return value[name];
  return Object.values(value).map((inner) => find(inner, name)).find(Boolean) ?? null;
}

function running(isRunning) {
  $("run").hidden = isRunning;
  $("stop").hidden = !isRunning;
}

async function run() {
  const query = editors.query.text;
  const operation = operationAt(query, editors.query.cursor);
  $("results").replaceChildren();
  $("offer").hidden = true;
  try {
    if (!operation) throw new Error("There is no operation to run.");
    const body = { query, variables: objectIn(editors.variables, "Variables"), operationName: operation.name };
    memory.remember({ query, variables: editors.variables.text, at: Date.now() });
    listRuns();
    running(true);
    await (operation.kind === "subscription" ? live(body) : once(body));
  } catch (error) {
    say(error.name === "AbortError" ? "stopped" : error.message, "bad");
  } finally {
    running(false);
  }
}

async function once(body) {
  const started = performance.now();
  const controller = new AbortController();
  stop = () => controller.abort();
  say("waiting", "live");
  const answer = await ask(body, headers(), controller.signal);
  const { cost } = answer.body.extensions ?? {};
  const timing = `${Math.round(performance.now() - started)} ms${cost ? ` · cost ${cost.requestedQueryCost} of ${cost.maximumQueryCost}` : ""}`;
  show(answer.body, `HTTP ${answer.status}`);
  say(answer.body.errors ? "answered with errors" : "answered", answer.body.errors ? "bad" : "good", timing);
}

function live(body) {
  return new Promise((resolve) => {
    let count = 0;
    const started = performance.now();
    say("connecting", "live");
    const halt = watch(body, headers(), {
      next(result) {
        count += 1;
        show(result, `event ${count} · ${((performance.now() - started) / 1000).toFixed(2)} s`);
        say("live", "live", `${count} event${count === 1 ? "" : "s"}`);
      },
      end(reason) {
        say(reason ?? "complete", reason && reason !== "stopped" ? "bad" : "good", `${count} event${count === 1 ? "" : "s"}`);
        resolve();
      },
    });
    say("live, waiting for events", "live");
    stop = halt;
  });
}

function listRuns() {
  $("runs").replaceChildren(...memory.runs.map((kept) => {
    const button = element("button");
    const line = kept.query.split("\n").find((each) => each.trim() && !each.startsWith("#")) ?? kept.query;
    button.append(element("code", "", line), element("small", "", new Date(kept.at).toLocaleString()));
    button.addEventListener("click", () => {
      editors.query.text = kept.query;
      editors.variables.text = kept.variables;
    });
    const item = element("li");
    item.append(button);
    return item;
  }));
}

function toggle(button, aside, other) {
  const isShown = aside.hidden;
  aside.hidden = !isShown;
  button.setAttribute("aria-pressed", String(isShown));
  if (isShown && other && !other.aside.hidden) toggle(other.button, other.aside);
}

async function learn() {
  try {
    const { body } = await ask({ query: INTROSPECTION }, headers());
    panel.schema = completion.schema = new Schema(body.data);
  } catch (error) {
    say(`The schema did not come: ${error.message}`, "bad");
  }
}

const asides = {
  schema: { button: $("show-schema"), aside: $("schema") },
  history: { button: $("show-history"), aside: $("history") },
};
asides.schema.button.addEventListener("click", () => toggle(asides.schema.button, asides.schema.aside, asides.history));
asides.history.button.addEventListener("click", () => toggle(asides.history.button, asides.history.aside, asides.schema));
$("run").addEventListener("click", run);
$("stop").addEventListener("click", () => stop?.());
$("forget").addEventListener("click", () => { memory.forget(); listRuns(); });
$("token").value = memory.token;
$("token").addEventListener("input", () => { memory.token = $("token").value.trim(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && $("stop").hidden) {
    event.preventDefault();
    run();
  }
});
for (const tab of document.querySelectorAll("[data-tab]")) {
  tab.addEventListener("click", () => {
    for (const each of document.querySelectorAll("[data-tab]")) {
      each.setAttribute("aria-selected", String(each === tab));
      $(each.dataset.tab).hidden = each !== tab;
    }
  });
}
listRuns();
learn();
