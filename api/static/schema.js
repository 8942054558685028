// The schema as the explorer knows it, by introspection, and the panel that shows it.

import { element } from "./editor.js";

const TYPE = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
const INPUT = `name description defaultValue type { ${TYPE} }`;
export const INTROSPECTION = `query Introspection { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name description
    fields(includeDeprecated: true) { name description isDeprecated deprecationReason type { ${TYPE} } args { ${INPUT} } }
    inputFields { ${INPUT} } enumValues(includeDeprecated: true) { name description } possibleTypes { name }
    interfaces { name } } } }`;

export class Schema {
  constructor({ __schema: told }) {
    this.types = new Map(told.types.map((type) => [type.name, type]));
    const root = (type) => (type ? this.types.get(type.name) : undefined);
    this.roots = { query: root(told.queryType), mutation: root(told.mutationType), subscription: root(told.subscriptionType) };
  }

  named(type) { return type?.ofType ? this.named(type.ofType) : type?.name; }

  type(given) { return this.types.get(typeof given === "string" ? given : this.named(given)); }

  field(type, name) { return type?.fields?.find((field) => field.name === name); }

  fieldsOf(type) {
    const name = { name: "__typename", type: { kind: "SCALAR", name: "String" } };
    return type ? [...(type.fields ?? []), name] : [];
  }

  composites() { return [...this.types.values()].filter(({ kind, name }) => /OBJECT$|INTERFACE|UNION/.test(kind) && kind !== "INPUT_OBJECT" && !name.startsWith("__")); }

  valuesOf(field) {
    const values = (field?.args ?? []).flatMap(({ type }) => this.type(type)?.enumValues ?? []);
    return values.map(({ name }) => ({ text: name, note: "" }));
  }

  print(type) {
    if (!type) return "";
    if (type.kind === "NON_NULL") return `${this.print(type.ofType)}!`;
    if (type.kind === "LIST") return `[${this.print(type.ofType)}]`;
    return type.name;
  }

  // Types and fields whose name has the words in it, whole beginnings first.
  search(words) {
    const wanted = words.toLowerCase();
    const found = [];
    for (const type of this.types.values()) {
      if (type.name.startsWith("__")) continue;
      if (type.name.toLowerCase().includes(wanted)) found.push({ type, label: type.name });
      for (const field of type.fields ?? type.inputFields ?? []) {
        if (field.name.toLowerCase().includes(wanted)) found.push({ type, field, label: `${type.name}.${field.name}` });
      }
    }
    const rank = ({ field, type }) => ((field ?? type).name.toLowerCase().startsWith(wanted) ? 0 : 1);
    return found.sort((a, b) => rank(a) - rank(b)).slice(0, 60);
  }
}

export class SchemaPanel {
  constructor({ shown, trail, search }) {
    Object.assign(this, { shown, trail, search, path: [] });
    search.addEventListener("input", () => this.known && (search.value.trim() ? this.showFound(search.value.trim()) : this.show(null)));
  }

  set schema(schema) {
    this.known = schema;
    this.show(null);
  }

  show(type) {
    const at = this.path.indexOf(type);
    this.path = !type ? [] : at >= 0 ? this.path.slice(0, at + 1) : [...this.path, type];
    this.trail.replaceChildren(...[null, ...this.path].flatMap((each) => [link(each?.name ?? "Schema", () => this.show(each)), " › "]).slice(0, -1));
    this.shown.replaceChildren(...(type ? this.aboutType(type) : this.aboutSchema()));
    this.shown.parentElement.scrollTop = 0;
  }

  showFound(words) {
    const hits = this.known.search(words);
    const list = hits.map(({ type, field, label }) => this.entry(link(label, () => (field ? this.showField(field) : this.show(type))), (field ?? type).description));
    this.shown.replaceChildren(...(list.length ? list.flat() : [element("p", "", "Nothing has that in its name.")]));
  }

  aboutSchema() {
    const roots = Object.entries(this.known.roots).filter(([, type]) => type);
    const parts = roots.flatMap(([kind, type]) => [element("h3", "", kind), ...this.fields(type.fields)]);
    const types = [...this.known.types.values()].filter(({ name }) => !name.startsWith("__")).sort((a, b) => a.name.localeCompare(b.name));
    return [...parts, element("h3", "", "all types"), ...types.flatMap((type) => this.entry(link(type.name, () => this.show(type)), null))];
  }

  aboutType(type) {
    const title = element("h2", "", type.name + " ");
    title.append(element("small", "", type.kind.toLowerCase().replace("_", " ")));
    const parts = [title, element("p", "", type.description ?? "")];
    const section = (name, entries) => (entries.length ? [element("h3", "", name), ...entries] : []);
    const linked = (types) => (types ?? []).flatMap(({ name }) => this.entry(link(name, () => this.show(this.known.type(name))), null));
    return [
      ...parts,
      ...section("fields", this.fields(type.fields ?? type.inputFields ?? [])),
      ...section("values", (type.enumValues ?? []).flatMap(({ name, description }) => this.entry(name, description))),
      ...section("one of", linked(type.possibleTypes)),
      ...section("implements", linked(type.interfaces)),
    ];
  }

  fields(fields) { return fields.flatMap((field) => this.entry(this.signature(field), field.deprecationReason ?? field.description, field.isDeprecated)); }

  signature(field) {
    const line = element("span");
    line.append(link(field.name, () => this.showField(field), "field"));
    (field.args ?? []).forEach((argument, index) => {
      line.append(index ? ", " : "(", `${argument.name}: `, this.typeLink(argument.type));
    });
    line.append(field.args?.length ? "): " : ": ", this.typeLink(field.type));
    return line;
  }

  // One field with all that is said of its arguments and of what it answers.
  showField(field) {
    const answered = this.known.type(field.type);
    const title = element("h2", "", field.name);
    const ofArgument = (argument) => {
      const term = element("span", "", `${argument.name}: `);
      term.append(this.typeLink(argument.type), argument.defaultValue === null ? "" : ` = ${argument.defaultValue}`);
      return this.entry(term, argument.description);
    };
    const given = (field.args ?? []).flatMap(ofArgument);
    this.trail.replaceChildren(...[null, ...this.path].flatMap((each) => [link(each?.name ?? "Schema", () => this.show(each)), " › "]), field.name);
    this.shown.replaceChildren(
      title,
      element("p", "", field.description ?? ""),
      ...(given.length ? [element("h3", "", "arguments"), ...given] : []),
      element("h3", "", "answers"),
      ...this.entry(this.typeLink(field.type), answered?.description),
    );
    this.shown.parentElement.scrollTop = 0;
  }

  typeLink(type) { return link(this.known.print(type), () => this.show(this.known.type(type))); }

  entry(term, description, isDeprecated = false) {
    const name = element("dt", isDeprecated ? "deprecated" : "");
    name.append(term);
    return description ? [name, element("dd", "", description)] : [name];
  }
}

function link(text, go, kind = "") {
  const button = element("button", `link ${kind}`, text);
  button.addEventListener("click", go);
  return button;
}
