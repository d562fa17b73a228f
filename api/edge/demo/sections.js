// Sections of a page, of which one is shown: tabs that the address remembers.
import { h } from "./elements.js";
import { t } from "./words.js";

// `sections` are functions of the session by their names. What is returned shows the chosen one
// anew, as after a change.
export function sections(place, session, found) {
  const names = Object.keys(found);
  const body = h("div", { class: "section" });
  const current = () => {
    const name = location.hash.slice(1);
    return names.includes(name) ? name : names[0];
  };
  const tabs = h(
    "nav",
    { class: "tabs", "aria-label": t("sections") },
    names.map((name) => h("a", { href: `#${name}` }, t(`section.${name}`))),
  );
  let wanted = 0;

  async function show() {
    const mine = (wanted += 1);
    for (const link of tabs.children) {
      const here = link.hash === `#${current()}`;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (here) tabs.scrollLeft = link.offsetLeft + (link.offsetWidth - tabs.clientWidth) / 2;
    }
    document.title = `${t(`section.${current()}`)} · Milepost`;
    body.setAttribute("aria-busy", "true");
    let parts;
    try {
      parts = await found[current()]({ ...session, refresh: show });
    } catch (error) {
      parts = [h("p", { class: "card", role: "alert" }, error.message)];
    }
    if (mine !== wanted || session.signal.aborted) return;
    body.replaceChildren(...parts);
    body.removeAttribute("aria-busy");
  }

  addEventListener("hashchange", show, { signal: session.signal });
  place.append(tabs, body);
  return { show, current };
}
