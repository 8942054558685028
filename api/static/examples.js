// The steps from nothing to a film: operations of examples.graphql, their variables filled with ids seen in answers.

import { operations, variablesOf } from "./document.js";
import { element } from "./editor.js";
import { memory } from "./memory.js";

const KIND = /^(character|storyboard|render)_/;

export async function loadExamples() {
  const response = await fetch("/graphql/static/examples.graphql");
  return readExamples(await response.text());
}

// Each operation with the comment above it; the comment's first line is its title.
export function readExamples(text) {
  let end = 0;
  return operations(text).map((operation) => {
    const above = text.slice(end, operation.start).trim().split(/\n\s*\n/).at(-1);
    end = operation.end;
    const [title, ...hints] = above.split("\n").map((line) => line.replace(/^#\s*/, ""));
    return { title, hint: hints.join(" "), kind: operation.kind, query: `${above}\n${text.slice(operation.start, end)}\n` };
  });
}

// Remembers the first id of each kind in an answer, by the name that examples use for it.
export function learnIds(data) {
  const seen = {};
  const walk = (value) => {
    if (value === null || typeof value !== "object") return;
    const kind = typeof value.id === "string" && KIND.exec(value.id)?.[1];
    if (kind) seen[`${kind}Id`] ??= value.id;
    Object.values(value).forEach(walk);
  };
  walk(data);
  memory.ids = { ...memory.ids, ...seen };
}

export function variablesFor(query) {
  const filled = variablesOf(query)
    .filter(({ name, isRequired }) => isRequired || memory.ids[name])
    .map(({ name, isList }) => [name, memory.ids[name] ?? (isList ? [] : "")]);
  return JSON.stringify(Object.fromEntries(filled), null, 2);
}

export function drawExamples(list, examples, take) {
  list.replaceChildren(...examples.map((example) => {
    const button = element("button");
    button.append(element("strong", "", example.title), element("small", "", example.hint || example.kind));
    button.addEventListener("click", () => {
      for (const each of list.querySelectorAll("[aria-current]")) each.removeAttribute("aria-current");
      button.setAttribute("aria-current", "step");
      take(example);
    });
    const item = element("li");
    item.append(button);
    return item;
  }));
}
