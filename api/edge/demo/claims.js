// Claims of members for bookings that this partner did not report.
import { ask, badge, button, card, paged, row, say } from "./elements.js";
import { amount, product, reason } from "./fields.js";
import { change, day, t } from "./words.js";

const TONES = { OPEN: "warn", APPROVED: "good", DECLINED: "bad" };

export async function claims(session) {
  const load = async (after) => (await session.ask("Claims", { after })).claims;
  const found = await paged(load, (node) => claim(node, session), {
    empty: t("claims.empty"),
    more: t("more"),
  });
  return [card(t("section.claims"), found)];
}

function claim(node, session) {
  const { id, reference, on, text, status, pointsAwarded, member } = node;
  const actions = [
    button(t("approve"), () => openApprove(id, session), "primary"),
    button(t("decline"), () => openDecline(id, session), "danger"),
  ];
  return row({
    title: `${reference} · ${member.reference}`,
    badges: badge(t(`claim.${status}`), TONES[status]),
    notes: [day(on), text, node.reason],
    end: pointsAwarded === null ? "" : change(pointsAwarded),
    actions: status === "OPEN" ? actions : [],
  });
}

async function decide(session, input) {
  await session.change("Decide", input);
  say(t("done"));
  await session.refresh();
}

const openApprove = (id, session) =>
  ask(t("approve"), {
    text: t("approve.text"),
    fields: [product(session), amount(session)],
    label: t("approve"),
    cancel: t("cancel"),
    act: (line) => decide(session, { claim: id, approve: true, lines: [line] }),
  });

const openDecline = (id, session) =>
  ask(t("decline"), {
    fields: [reason()],
    label: t("decline"),
    cancel: t("cancel"),
    act: (found) => decide(session, { claim: id, approve: false, ...found }),
  });
