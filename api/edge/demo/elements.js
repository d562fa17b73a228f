// Elements without a framework. Whatever is shown is text, never markup.

let made = 0;

export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  const shown = children.flat(2).filter((child) => child || child === 0);
  element.append(...shown);
  return element;
}

// A sentence at the foot of the page, which screen readers say, too.
export function say(text, refused = false) {
  const place = document.getElementById("said");
  place.textContent = text;
  place.className = refused ? "said refused shown" : "said shown";
  clearTimeout(say.timer);
  say.timer = setTimeout(() => place.classList.remove("shown"), refused ? 9000 : 5000);
}

// A button that waits for what it does, and says why it was refused.
export function button(label, act, kind = "") {
  const element = h("button", { type: "button", class: kind }, label);
  element.addEventListener("click", async () => {
    element.disabled = true;
    try {
      await act();
    } catch (error) {
      say(error.message, true);
    } finally {
      element.disabled = false;
    }
  });
  return element;
}

export function card(title, ...children) {
  const id = `card-${(made += 1)}`;
  return h("section", { class: "card", "aria-labelledby": id }, h("h2", { id }, title), children);
}

export const badge = (text, tone = "") => h("span", { class: `badge ${tone}` }, text);

// A name with its figure, as part of a `figures` list.
export const figure = (name, value) => h("div", null, h("dt", null, name), h("dd", null, value));

export const figures = (...children) => h("dl", { class: "figures" }, children);

// One entry of a list: what it is, what is to know of it, what it counts and what can be done.
export function row({ title, notes = [], end, badges = [], actions = [], lead }) {
  return h(
    "li",
    { class: "row" },
    lead,
    h(
      "div",
      { class: "row-text" },
      h("p", { class: "row-title" }, title, badges),
      notes.filter(Boolean).map((note) => h("p", { class: "note" }, note)),
    ),
    end && h("p", { class: "row-end" }, end),
    actions.length > 0 && h("div", { class: "row-actions" }, actions),
  );
}

export function rows(items, show, empty) {
  if (!items.length) return h("p", { class: "empty" }, empty);
  return h("ul", { class: "rows" }, items.map(show));
}

// A list that is read page by page; `load(after)` gives a connection.
export async function paged(load, show, { empty, more }) {
  const place = h("div");
  const list = h("ul", { class: "rows" });
  async function read(after) {
    const found = await load(after);
    list.append(...found.edges.map(({ node }) => show(node)));
    place.replaceChildren(list.children.length ? list : h("p", { class: "empty" }, empty));
    if (found.pageInfo.hasNextPage)
      place.append(button(more, () => read(found.pageInfo.endCursor), "more"));
  }
  await read(null);
  return place;
}

function control(field, id) {
  const shared = { id, name: field.name, required: field.required };
  if (field.options) {
    const options = field.options.map(([value, label]) =>
      h("option", { value, selected: value === field.value }, label),
    );
    return h("select", shared, options);
  }
  if (field.type === "textarea") return h("textarea", { ...shared, rows: 3 }, field.value);
  const { type = "text", value, min, max, step, pattern, inputmode, maxlength } = field;
  const hints = { placeholder: field.placeholder, autocomplete: "off" };
  return h("input", {
    ...shared, ...hints, type, value, min, max, step, pattern, inputmode, maxlength,
  });
}

function labelled(field) {
  const id = `field-${(made += 1)}`;
  if (field.choices) {
    const boxes = field.choices.map(([value, label, checked = true]) =>
      h("label", { class: "choice" }, h("input", { type: "checkbox", name: field.name, value, checked }), label),
    );
    return h("fieldset", { class: "wide" }, h("legend", null, field.label), boxes);
  }
  return h(
    "div",
    { class: field.wide ? "field wide" : "field" },
    h("label", { for: id }, field.label),
    control(field, id),
    field.hint && h("p", { class: "note" }, field.hint),
  );
}

function values(element, fields) {
  const sent = new FormData(element);
  const found = {};
  for (const { name, choices } of fields)
    found[name] = choices ? sent.getAll(name) : String(sent.get(name) ?? "").trim();
  return found;
}

// A form of labelled fields; `act` gets their values, and what it refuses is said in the form.
export function form(fields, label, act, after = []) {
  const refused = h("p", { class: "refusal", role: "alert" });
  const submit = h("button", { type: "submit", class: "primary" }, label);
  const element = h(
    "form",
    { class: "form" },
    fields.map(labelled),
    refused,
    h("div", { class: "form-end" }, submit, after),
  );
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    refused.textContent = "";
    try {
      await act(values(element, fields), element);
    } catch (error) {
      refused.textContent = error.message;
    } finally {
      submit.disabled = false;
    }
  });
  return element;
}

// The same in a window above the page, which closes when it is done.
export function ask(title, { text, fields, label, cancel, act }) {
  const id = `dialog-${(made += 1)}`;
  const dialog = h("dialog", { "aria-labelledby": id });
  const close = h("button", { type: "button", onclick: () => dialog.close() }, cancel);
  const body = form(fields, label, async (found) => (await act(found), dialog.close()), [close]);
  dialog.append(h("h2", { id }, title), text ? h("p", null, text) : "", body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

// A secret that is shown this once.
export function reveal(title, text, secret, label) {
  const id = `dialog-${(made += 1)}`;
  const dialog = h(
    "dialog",
    { "aria-labelledby": id },
    h("h2", { id }, title),
    h("p", null, text),
    h("p", { class: "secret" }, secret),
    h("div", { class: "form-end" },
      h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, label)),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
