// The page: who calls, in which language, and which of their sections is shown.
import { caller } from "./api.js";
import * as callers from "./callers.js";
import { button, h, say } from "./elements.js";
import { member } from "./member.js";
import { partner } from "./partner.js";
import * as words from "./words.js";

const { t } = words;
const KINDS = { MEMBER: member, PARTNER: partner };
const main = document.getElementById("main");
let shown = 0;
let leave = () => {};

function bar() {
  const names = Object.keys(callers.tokens());
  const chooser = h(
    "select",
    { "aria-label": t("callers.caller"), onchange: (event) => (callers.choose(event.target.value), start()) },
    names.map((name) => h("option", { value: name, selected: name === callers.chosen() }, name)),
  );
  const other = words.language() === "en" ? "zh-CN" : "en";
  const switched = button(t("other"), () => (words.choose(other), start()));
  switched.lang = other;
  document.documentElement.lang = words.language();
  document.getElementById("callers").replaceChildren(
    ...(names.length ? [chooser, button(t("callers.add"), () => callers.openForm(start))] : []),
    switched,
  );
}

// A visit is one caller in one language; what it follows ends with it.
async function start() {
  const visit = (shown += 1);
  leave();
  bar();
  document.title = "Milepost";
  if (!callers.token()) return main.replaceChildren(callers.welcome(start));
  main.setAttribute("aria-busy", "true");
  try {
    const asking = caller(callers.token());
    const { viewer } = await asking.ask("Caller");
    if (visit !== shown) return;
    const open = KINDS[viewer.kind];
    if (!open) return main.replaceChildren(h("p", { class: "card" }, t("callers.neither")));
    const ended = new AbortController();
    leave = () => ended.abort();
    await open(main, { ...asking, viewer, programme: viewer.programme, signal: ended.signal, start });
  } catch (error) {
    if (visit !== shown) return;
    main.replaceChildren(
      h("section", { class: "card welcome" },
        h("p", { role: "alert" }, error.message),
        h("div", { class: "form-end" }, button(t("again"), start, "primary"))),
    );
  } finally {
    main.removeAttribute("aria-busy");
  }
}

addEventListener("unhandledrejection", (event) => say(event.reason.message, true));
callers.takeFromAddress();
start();
