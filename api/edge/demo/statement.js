// What this partner and the programme owe one another, month by month.
import { badge, button, card, figure, figures, h, row, rows } from "./elements.js";
import { money, points, t } from "./words.js";

const TONES = { CLOSED: "warn", SETTLED: "good" };

export async function statement(session) {
  const { partner } = await session.ask("Terms");
  const statements = partner.statements.edges.map(({ node }) => month(node, session));
  const terms = (found) => term(found, session.programme.currency);
  return [
    ...(statements.length
      ? statements
      : [card(t("section.statement"), h("p", { class: "empty" }, t("statement.empty")))]),
    card(
      t("terms"),
      partner.prepaidLeft !== null && figures(figure(t("prepaid.left"), points(partner.prepaidLeft))),
      rows(partner.terms, terms, t("terms.none")),
    ),
  ];
}

const term = ({ fromMonth, basis, pricePerPoint, feePercent, prepaid }, currency) =>
  row({
    title: t("terms.from", { month: fromMonth }),
    badges: prepaid ? badge(t("prepaid")) : "",
    notes: [t(`basis.${basis}`)],
    end: [
      h("strong", null, t("price.per.point", { price: `${currency} ${pricePerPoint}` })),
      h("span", { class: "note" }, t("fee.percent", { percent: feePercent })),
    ],
  });

function month(found, session) {
  return card(
    t("statement.of", { month: found.month }),
    h("div", { class: "card-end" }, badge(t(`statement.${found.status}`), TONES[found.status])),
    figures(
      ["issued", "reversed", "redeemed", "expired"].map((name) => figure(t(`figure.${name}`), points(found[name]))),
      ["charge", "fee", "delivered", "net"].map((name) => figure(t(`figure.${name}`), money(found[name]))),
    ),
    h("div", { class: "form-end" }, button(t("csv"), () => download(found, session))),
  );
}

// The file wants the token in a header, which a link cannot have.
async function download({ csvUrl, month: name }, { token }) {
  const response = await fetch(new URL(`..${csvUrl}`, import.meta.url), {
    credentials: "omit",
    headers: { Authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(t("csv.refused", { status: response.status }));
  const href = URL.createObjectURL(await response.blob());
  h("a", { href, download: `statement-${name}.csv` }).click();
  URL.revokeObjectURL(href);
}
