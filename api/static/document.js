// Just enough of GraphQL's grammar to know what stands where: tokens, operations, and the types around a cursor.

const TOKEN = /#[^\n]*|"""[\s\S]*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?|\.\.\.|[$@]?\w+|[{}()[\]:!=|&]/g;

export function tokens(text) {
  return [...text.matchAll(TOKEN)]
    .map((match) => ({ text: match[0], start: match.index, end: match.index + match[0].length }))
    .filter((token) => !/^[#"]/.test(token.text));
}

// The operations of a document: kind, name, and from where to where; one that is not closed yet goes to the end.
export function operations(text) {
  const found = [];
  let depth = 0;
  let head = [];
  const add = (end) => {
    const [first, second] = head;
    const isShort = first.text === "{";
    const name = !isShort && /^\w+$/.test(second?.text ?? "") ? second.text : null;
    if (first.text !== "fragment") found.push({ kind: isShort ? "query" : first.text, name, start: first.start, end });
    head = [];
  };
  for (const token of tokens(text)) {
    if (depth === 0 && token.text !== "}") head.push(token);
    if (token.text === "{" && !isInsideParentheses(head)) depth += 1;
    if (token.text === "}" && depth > 0 && --depth === 0) add(token.end);
  }
  if (depth > 0) add(text.length);
  return found;
}

function isInsideParentheses(head) {
  return head.reduce((open, { text }) => open + (text === "(") - (text === ")"), 0) > 0;
}

export function operationAt(text, cursor) {
  const all = operations(text);
  return all.find(({ start, end }) => start <= cursor && cursor <= end) ?? all.findLast(({ start }) => start <= cursor) ?? all[0];
}

// What may be written at the cursor: {word, start, items: [{text, note}]}.
export function completionsAt(text, cursor, schema) {
  const before = tokens(text.slice(0, cursor));
  const last = before.at(-1);
  const word = last && last.end === cursor && /^\w+$/.test(last.text) ? before.pop().text : "";
  const items = itemsAfter(before, schema).filter(({ text: item }) => item.toLowerCase().startsWith(word.toLowerCase()) && item !== word);
  return { word, start: cursor - word.length, items };
}

function itemsAfter(before, schema) {
  const stack = [];
  let root = schema.roots.query;
  let pending = null;
  let argumentsOf = null;
  let isHead = true;
  before.forEach(({ text }, index) => {
    const previous = before[index - 1]?.text;
    if (isHead && schema.roots[text] && stack.length === 0) root = schema.roots[text];
    else if (text === "(") argumentsOf = pending ?? {};
    else if (text === ")") argumentsOf = null;
    else if (text === "{" && !argumentsOf) {
      stack.push(stack.length === 0 ? pending?.condition ?? root : pending?.condition ?? schema.type(pending?.field?.type));
      pending = null;
      isHead = false;
    } else if (text === "}" && !argumentsOf) {
      stack.pop();
      pending = null;
      if (stack.length === 0) [root, isHead] = [schema.roots.query, true];
    } else if (previous === "on" && /^\w+$/.test(text)) pending = { condition: schema.type(text) };
    else if (text === "..." || text === "on") pending = { condition: stack.at(-1) };
    else if (/^\w+$/.test(text) && stack.length && !argumentsOf) pending = { field: schema.field(stack.at(-1), text) };
  });
  return suggestions(before.at(-1)?.text, { stack, argumentsOf, schema });
}

function suggestions(last, { stack, argumentsOf, schema }) {
  if (last === "on") return schema.composites().map(({ name, kind }) => ({ text: name, note: kind.toLowerCase() }));
  if (last === "@") return [];
  if (argumentsOf) {
    if (last === ":") return schema.valuesOf(argumentsOf.field, last);
    return (argumentsOf.field?.args ?? []).map(({ name, type }) => ({ text: name, note: schema.print(type), tail: ": " }));
  }
  if (stack.length === 0) return ["query", "mutation", "subscription", "fragment"].map((text) => ({ text, note: "" }));
  return schema.fieldsOf(stack.at(-1)).map(({ name, type }) => ({ text: name, note: schema.print(type) }));
}

// The variables that the first operation of a text declares: [{name, isRequired, isList}].
export function variablesOf(text) {
  const all = tokens(text);
  const found = [];
  for (let index = 0; index < all.length && all[index].text !== "{"; index += 1) {
    if (!all[index].text.startsWith("$")) continue;
    const stops = all.findIndex(({ text: each }, at) => at > index && (each === "=" || each === ")" || each.startsWith("$")));
    const type = all.slice(index + 2, stops).map(({ text: each }) => each).join("");
    found.push({ name: all[index].text.slice(1), isRequired: type.endsWith("!") && all[stops].text !== "=", isList: type.startsWith("[") });
  }
  return found;
}

// The body that asks for a subscription's events behind a cursor: `after` of the operation's first field is set to it.
export function resumedAt({ query, variables, ...rest }, operation, cursor) {
  const all = tokens(query).filter(({ start, end }) => start >= operation.start && end <= operation.end);
  let open = 0;
  const body = all.findIndex(({ text }) => {
    open += (text === "(") - (text === ")");
    return text === "{" && open === 0;
  });
  const hasAlias = all[body + 2]?.text === ":";
  const field = all[body + (hasAlias ? 3 : 1)];
  const opening = all[body + (hasAlias ? 4 : 2)];
  const value = JSON.stringify(cursor);
  const written = (start, end, text) => ({ ...rest, variables, query: query.slice(0, start) + text + query.slice(end) });
  if (opening.text !== "(") return written(field.end, field.end, `(after: ${value})`);
  const name = argumentNamed("after", all, all.indexOf(opening));
  if (!name) return written(opening.end, opening.end, `after: ${value}, `);
  const following = all[all.indexOf(name) + 2];
  if (following.text.startsWith("$")) return { ...rest, query, variables: { ...variables, [following.text.slice(1)]: cursor } };
  // A string is no token here, so a value ends where the next token begins.
  return written(name.end, following.text === "null" ? following.end : following.start, `: ${value} `);
}

function argumentNamed(wanted, all, opening) {
  let open = 0;
  for (let index = opening; index < all.length; index += 1) {
    const { text } = all[index];
    open += /[([{]/.test(text) - /[)\]}]/.test(text);
    if (open === 0) return null;
    if (open === 1 && text === wanted && all[index + 1]?.text === ":") return all[index];
  }
  return null;
}
