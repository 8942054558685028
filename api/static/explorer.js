// The explorer: write an operation, run it or watch it, look the schema up.

import { Account } from "./account.js";
import { ask, Watching } from "./client.js";
import * as colours from "./colours.js";
import { Completion } from "./completion.js";
import { operationAt, resumedAt } from "./document.js";
import { Editor, element } from "./editor.js";
import { drawExamples, learnIds, loadExamples, variablesFor } from "./examples.js";
import { memory } from "./memory.js";
import { INTROSPECTION, Schema, SchemaPanel } from "./schema.js";
import { Session, tokensIn } from "./session.js";
import { upload } from "./uploads.js";

const RESULTS_MAX = 200;

const $ = (id) => document.getElementById(id);
const draft = memory.draft;
const keep = () => {
  if (editors) memory.draft = { query: editors.query.text, variables: editors.variables.text, headers: editors.headers.text };
};
let editors = null;
editors = {
  query: new Editor($("document"), { colours: colours.graphql, text: draft.query ?? "", onChange: keep }),
  variables: new Editor($("variables"), { colours: colours.json, text: draft.variables ?? "{}", onChange: keep }),
  headers: new Editor($("headers"), { colours: colours.json, text: draft.headers ?? "{}", onChange: keep }),
};
const completion = new Completion(editors.query, $("completions"));
const panel = new SchemaPanel({ shown: $("shown"), trail: $("trail"), search: $("search") });
const session = new Session(() => account.draw());
const account = new Account(session);
let stop = null;

async function headers() {
  const given = objectIn(editors.headers, "Headers");
  if (Object.keys(given).some((name) => name.toLowerCase() === "authorization")) return given;
  await session.renewed();
  return { ...session.headers(), ...given };
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
  $("state").dataset.isLost = "";
  $("timing").textContent = timing;
}

// The newest is scrolled to, unless the reader has scrolled away; an answer that stands alone is read from its top.
function append(item) {
  const list = $("results");
  const isAtEnd = list.scrollTop + list.clientHeight > list.scrollHeight - 40;
  list.append(item);
  while (list.children.length > RESULTS_MAX) list.firstChild.remove();
  if (isAtEnd && list.children.length > 1) list.scrollTop = list.scrollHeight;
}

function note(text) { append(element("li", "note", `${new Date().toLocaleTimeString()} · ${text}`)); }

function show(result, label) {
  const item = element("li", result.errors ? "bad" : "");
  const text = element("pre");
  text.append(colours.json(JSON.stringify(result, null, 2)));
  item.append(element("time", "", label), text);
  append(item);
  learnIds(result.data);
  offerToken(result.data);
  if (result.errors?.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED")) note("Press “Sign in” above: this needs to know who you are.");
}

function offerToken(data) {
  const tokens = tokensIn(data);
  $("offer").hidden = !tokens;
  $("use-token").onclick = async () => {
    session.use(tokens);
    $("offer").hidden = true;
    await session.recognise();
  };
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
    // Said at once: later a subscription would take it for a server that is away.
    objectIn(editors.headers, "Headers");
    memory.remember({ query, variables: editors.variables.text, at: Date.now() });
    listRuns();
    running(true);
    if (!completion.schema) learn();
    await (operation.kind === "subscription" ? live(body, operation) : once(body));
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
  const answer = await ask(body, await headers(), controller.signal);
  const { cost } = answer.body.extensions ?? {};
  const timing = `${Math.round(performance.now() - started)} ms${cost ? ` · cost ${cost.requestedQueryCost} of ${cost.maximumQueryCost}` : ""}`;
  show(answer.body, `HTTP ${answer.status}`);
  say(answer.body.errors ? "answered with errors" : "answered", answer.body.errors ? "bad" : "good", timing);
}

// A subscription goes on behind the last cursor that it answered, whenever its connection breaks.
function live(body, operation) {
  return new Promise((resolve) => {
    let count = 0;
    let cursor = null;
    const started = performance.now();
    const told = () => `${count} event${count === 1 ? "" : "s"}`;
    say("live, waiting for events", "live");
    const watching = new Watching({
      ask: async () => ({ body: cursor ? resumedAt(body, operation, cursor) : body, headers: await headers() }),
      renew: () => session.renewed({ isForced: true }),
      next(result) {
        count += 1;
        cursor = Object.values(result.data ?? {})[0]?.cursor ?? cursor;
        show(result, `event ${count} · ${((performance.now() - started) / 1000).toFixed(2)} s`);
        say("live", "live", told());
      },
      lost(milliseconds) {
        if ($("state").dataset.isLost !== "yes") note("The connection is lost.");
        say(`the server is away; trying again in ${milliseconds / 1000} s`, "bad", told());
        $("state").dataset.isLost = "yes";
      },
      found() {
        note(cursor ? "Connected again; it goes on behind the last event." : "Connected again. Ask for `cursor` and it would go on where it broke off.");
        say("live", "live", told());
      },
      end(reason) {
        say(reason ?? "complete", reason && reason !== "stopped" ? "bad" : "good", told());
        resolve();
      },
    });
    stop = () => watching.stop();
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

// Of the asides one is shown, or none.
function toggle(name) {
  const isShown = $(name).hidden;
  for (const each of ["examples", "history", "schema"]) {
    $(each).hidden = each !== name || !isShown;
    $(`show-${each}`).setAttribute("aria-pressed", String(each === name && isShown));
  }
}

function take({ query }) {
  editors.query.text = query;
  editors.variables.text = variablesFor(query);
  $("results").replaceChildren();
  say("ready");
}

async function takePictures() {
  const files = [...$("files").files];
  $("files").value = "";
  if (!files.length) return;
  try {
    say(`uploading ${files.length} file${files.length === 1 ? "" : "s"}`, "live");
    const uploads = await upload(files, await headers());
    memory.ids = { ...memory.ids, uploadIds: uploads.map(({ id }) => id) };
    if (/\$uploadIds\b/.test(editors.query.text)) editors.variables.text = variablesFor(editors.query.text);
    show({ uploads }, "uploaded; use the ids within the hour, as $uploadIds");
    say("uploaded", "good");
  } catch (error) {
    say(error.message, "bad");
  }
}

async function learn() {
  try {
    const { body } = await ask({ query: INTROSPECTION }, session.headers());
    panel.schema = completion.schema = new Schema(body.data);
  } catch (error) {
    say(`The schema did not come: ${error.message}`, "bad");
  }
}

async function offerExamples() {
  const examples = await loadExamples();
  drawExamples($("steps"), examples, take);
  if (!editors.query.text) take(examples[0]);
}

for (const name of ["examples", "history", "schema"]) $(`show-${name}`).addEventListener("click", () => toggle(name));
$("choose").addEventListener("click", () => $("files").click());
$("files").addEventListener("change", takePictures);
$("run").addEventListener("click", run);
$("stop").addEventListener("click", () => stop?.());
$("forget").addEventListener("click", () => { memory.forget(); listRuns(); });
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
    $("headers-hint").hidden = tab.dataset.tab !== "headers";
  });
}
listRuns();
learn();
offerExamples();
if (!Object.keys(draft).length) toggle("examples");
