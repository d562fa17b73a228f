// What the member was told, and what it agrees to.
import { badge, button, card, h, paged, row, say } from "./elements.js";
import { count, instant, t } from "./words.js";

export async function inbox(session) {
  const { me } = await session.ask("Inbox");
  const load = async (after) => (await session.ask("Inbox", { after })).me.notices;
  const notices = await paged(load, (node) => notice(node, session.programme.timezone), {
    empty: t("inbox.empty"),
    more: t("more"),
  });
  const read = button(t("inbox.read"), async () => {
    await session.change("Read", {});
    await session.refresh();
  });
  const unread = me.unreadNotices > 0;
  return [
    card(
      t("section.inbox"),
      unread && h("div", { class: "card-end" }, badge(t("unread", { count: count(me.unreadNotices) }), "warn"), read),
      notices,
    ),
  ];
}

const notice = ({ title, body, at, readAt }, zone) =>
  row({ title, badges: readAt ? "" : badge(t("new"), "warn"), notes: [body, instant(at, zone)] });

export async function consents(session) {
  const { me } = await session.ask("Consents");
  const groups = new Map();
  for (const one of me.consents) groups.set(one.purpose, [...(groups.get(one.purpose) ?? []), one]);
  return [
    card(
      t("section.consents"),
      h("p", { class: "note" }, t("consents.text")),
      [...groups].map(([purpose, found]) =>
        h(
          "fieldset",
          { class: "consents" },
          h("legend", null, t(`purpose.${purpose}`)),
          h("p", { class: "note" }, t(`purpose.${purpose}.text`)),
          h("div", { class: "switches" }, found.map((consent) => agreement(consent, session))),
        ),
      ),
    ),
  ];
}

function agreement({ purpose, channel, granted, at }, session) {
  const box = h("input", { type: "checkbox", role: "switch", checked: granted });
  const said = at
    ? t("consent.at", { at: instant(at, session.programme.timezone) })
    : t("consent.policy");
  const note = h("span", { class: "note" }, said);
  box.addEventListener("change", async () => {
    box.disabled = true;
    try {
      await session.change("Agree", { purpose, channel, granted: box.checked });
      note.textContent = t("consent.now");
    } catch (error) {
      box.checked = !box.checked;
      say(error.message, true);
    } finally {
      box.disabled = false;
    }
  });
  return h("label", { class: "switch" }, box, h("span", null, t(`channel.${channel ?? "NONE"}`)), note);
}
