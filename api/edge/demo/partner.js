// A partner's page: what it reports, what it delivers, and how it is connected.
import { claims } from "./claims.js";
import { badge, h } from "./elements.js";
import { endpoints, keys } from "./access.js";
import { golden } from "./golden.js";
import { orders } from "./orders.js";
import { report } from "./report.js";
import { sections } from "./sections.js";
import { statement } from "./statement.js";
import { t } from "./words.js";

const SECTIONS = { golden, report, orders, claims, statement, keys, endpoints };

export async function partner(place, session) {
  const { partner: who, programme } = session.viewer;
  const top = h(
    "section",
    { class: "top", "aria-label": t("top.partner") },
    h("p", { class: "top-name" }, who.name, badge(who.code, "light")),
    h("p", { class: "top-progress" }, t("partner.of", { programme: programme.name })),
  );
  place.replaceChildren(top);
  await sections(place, session, SECTIONS).show();
}
