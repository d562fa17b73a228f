// Tokens live in this tab's session storage, where GraphiQL of this server finds them, too.
import { caller } from "./api.js";
import { ask, form, h } from "./elements.js";
import { t } from "./words.js";

const TOKENS = "milepost:tokens";
const CHOSEN = "milepost:caller";
const PROGRAMME = /^programme (\S+)$/;
const PRINTED = /^\s*(member|partner|staff|public) (?:token|key)(?: \(([^,)]+)[^)]*\))?: (\S+)$/;

export const tokens = () => JSON.parse(sessionStorage.getItem(TOKENS) ?? "{}");
export const chosen = () => sessionStorage.getItem(CHOSEN) ?? "";
export const choose = (name) => sessionStorage.setItem(CHOSEN, name);
export const token = () => tokens()[chosen()];

const keep = (found) => sessionStorage.setItem(TOKENS, JSON.stringify({ ...tokens(), ...found }));

// A link that opens the page for another caller names it; it does not stay in the address.
export function takeFromAddress() {
  const asked = new URLSearchParams(location.hash.slice(1)).get("as");
  if (asked === null) return;
  if (asked in tokens()) choose(asked);
  history.replaceState(null, "", location.pathname);
}

export const linkTo = (name) => `demo#${new URLSearchParams({ as: name })}`;

// The first other caller of a kind; of several programmes that of the same one.
export function otherOf(kind) {
  const names = Object.keys(tokens()).filter((name) => name.split(" ")[0] === kind);
  const end = chosen().split(" ").at(-1);
  return names.find((name) => name.split(" ").at(-1) === end) ?? names[0];
}

// The lines that `make run` prints, each under a programme; names differ where kinds repeat.
function printed(text) {
  const lines = text.split("\n");
  const several = lines.filter((line) => PROGRAMME.test(line)).length > 1;
  const found = {};
  let programme = "";
  for (const line of lines) {
    programme = line.match(PROGRAMME)?.[1] ?? programme;
    const [, kind, whose, secret] = line.match(PRINTED) ?? [];
    if (kind) found[[kind, whose, several && programme].filter(Boolean).join(" ")] = secret;
  }
  return found;
}

async function named(secret) {
  const { viewer } = await caller(secret).ask("Caller");
  const whose = viewer.member?.reference ?? viewer.partner?.code;
  return { [[viewer.kind.toLowerCase(), whose].filter(Boolean).join(" ")]: secret };
}

async function add(text) {
  const all = printed(text);
  const found = Object.keys(all).length ? all : await named(text.trim());
  keep(found);
  const names = Object.keys(found);
  choose(names.findLast((name) => name.startsWith("member")) ?? names[0]);
}

const pasted = () => [
  {
    name: "text",
    label: t("callers.paste"),
    hint: t("callers.where"),
    type: "textarea",
    required: true,
    wide: true,
  },
];

export const welcome = (done) =>
  h(
    "section",
    { class: "card welcome" },
    h("h1", null, t("callers.welcome")),
    h("p", null, t("callers.explained")),
    form(pasted(), t("callers.use"), async ({ text }) => (await add(text), done())),
  );

export function openForm(done) {
  ask(t("callers.add"), {
    fields: pasted(),
    label: t("callers.use"),
    cancel: t("cancel"),
    act: async ({ text }) => (await add(text), done()),
  });
}
