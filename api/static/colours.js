// Text in colours: GraphQL documents and JSON, as elements and never as markup.

const GRAPHQL = /(#[^\n]*)|("""[\s\S]*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?)|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(\$\w+)|(@\w+)|\b(query|mutation|subscription|fragment|on|true|false|null)\b|(\w+)/g;
const GRAPHQL_KINDS = ["comment", "string", "number", "variable", "directive", "keyword", "name"];
const JSON_TEXT = /("(?:\\.|[^"\\\n])*"?)(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

function span(kind, text) {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = text;
  return element;
}

// An address in an answer can be opened; it is told nothing of where it was opened from.
function value(string) {
  const shown = span("string", string);
  const href = addressIn(string);
  if (!href) return shown;
  const link = document.createElement("a");
  Object.assign(link, { href, target: "_blank", rel: "noreferrer" });
  link.append(shown);
  return link;
}

// Variables are coloured while they are written, so a string may be no JSON yet.
function addressIn(string) {
  if (!/^"https?:\/\//.test(string)) return null;
  try {
    return JSON.parse(string);
  } catch {
    return null;
  }
}

function coloured(text, pattern, partsOf) {
  const pieces = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    pieces.append(text.slice(end, match.index), ...partsOf(match));
    end = match.index + match[0].length;
  }
  pieces.append(text.slice(end));
  return pieces;
}

export function graphql(text) {
  return coloured(text, GRAPHQL, (match) => {
    const kind = GRAPHQL_KINDS[match.slice(1).findIndex((group) => group !== undefined)];
    return [span(kind, match[0])];
  });
}

export function json(text) {
  return coloured(text, JSON_TEXT, ([whole, string, colon, number]) => {
    if (string !== undefined) return [colon ? span("key", string) : value(string), colon ?? ""];
    return [span(number !== undefined ? "number" : "literal", whole)];
  });
}
