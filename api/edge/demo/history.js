// How the points came and went, when they expire, and claims for what is missing.
import { ask, badge, button, card, h, paged, row, rows, say } from "./elements.js";
import { change, day, instant, points, t } from "./words.js";

const CLAIM_TONES = { APPROVED: "good", DECLINED: "bad" };

export async function history(session) {
  const { me } = await session.ask("Home");
  const { me: claimed } = await session.ask("OwnClaims");
  const load = async (after) => (await session.ask("History", { after })).me.ledger;
  const entries = await paged(load, (node) => entry(node, session.programme.timezone), {
    empty: t("history.empty"),
    more: t("more"),
  });
  return [
    card(t("section.history"), entries),
    h(
      "div",
      { class: "aside" },
      card(t("expiry"), rows(me.expirySchedule, expiring, t("expiry.empty"))),
      card(
        t("claims.own"),
        rows(claimed.claims.edges.map(({ node }) => node), claim, t("claims.none")),
        h("div", { class: "form-end" }, button(t("claim"), () => openClaim(session))),
      ),
    ),
  ];
}

const expiring = ({ points: number, on }) => row({ title: day(on), end: points(number) });

function entry(node, zone) {
  const { description, effectiveAt, points: number, pendingChange, availableAfter } = node;
  const moved = number || pendingChange;
  return row({
    title: description,
    badges: pendingChange > 0 ? badge(t("pending")) : "",
    notes: [
      instant(effectiveAt, zone),
      ...node.explanation.map(({ text }) => text).filter((text) => text !== description),
    ],
    end: [
      h("strong", { class: number > 0 ? "plus" : "" }, change(moved)),
      h("span", { class: "note" }, t("after", { points: points(availableAfter) })),
    ],
  });
}

const claim = ({ reference, on, status, reason, pointsAwarded }) =>
  row({
    title: reference,
    badges: badge(t(`claim.${status}`), CLAIM_TONES[status]),
    notes: [day(on), reason],
    end: pointsAwarded === null ? "" : change(pointsAwarded),
  });

function openClaim(session) {
  const fields = [
    { name: "reference", label: t("booking.reference"), required: true },
    { name: "on", label: t("claim.on"), type: "date", required: true },
    { name: "partner", label: t("claim.partner"), hint: t("claim.partner.hint"), wide: true },
    { name: "text", label: t("claim.text"), type: "textarea", required: true, wide: true },
  ];
  ask(t("claim"), {
    text: t("claim.explained"),
    fields,
    label: t("send"),
    cancel: t("cancel"),
    act: async (found) => {
      await session.change("Claim", { ...found, partner: found.partner || null });
      say(t("claim.sent"));
      await session.refresh();
    },
  });
}
