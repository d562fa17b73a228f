// What members redeemed and this partner delivers.
import { ask, badge, button, card, paged, row, say } from "./elements.js";
import { reason } from "./fields.js";
import { count, instant, points, t } from "./words.js";

export async function orders(session) {
  const load = async (after) => (await session.ask("OrdersToFulfil", { after })).ordersToFulfil;
  const found = await paged(load, (node) => order(node, session), {
    empty: t("orders.empty"),
    more: t("more"),
  });
  return [card(t("section.orders"), found)];
}

function order(node, session) {
  const { id, status, quantity, createdAt, reward, delivery, points: number } = node;
  const zone = session.programme.timezone;
  const { recipient, phone, address, note, from, place } = delivery ?? {};
  const actions = [
    status === "CONFIRMED" && button(t("ship"), () => openShip(id, session)),
    button(t("fulfil"), () => act(session, "Fulfil", { redemption: id }), "primary"),
    status === "CONFIRMED" && button(t("reject"), () => openReject(id, session), "danger"),
  ].filter(Boolean);
  return row({
    title: reward?.name ?? id,
    badges: badge(t(`status.${status}`), "warn"),
    notes: [
      instant(createdAt, zone),
      [recipient, phone, address, note].filter(Boolean).join(" · "),
      from && [instant(from, zone), place].filter(Boolean).join(" · "),
      node.tracking && t("tracking.is", { tracking: node.tracking }),
      quantity > 1 && t("quantity", { count: count(quantity) }),
    ],
    end: points(number),
    actions,
  });
}

async function act(session, operation, input) {
  await session.change(operation, input);
  say(t("done"));
  await session.refresh();
}

const openShip = (redemption, session) =>
  ask(t("ship"), {
    fields: [{ name: "tracking", label: t("tracking"), hint: t("optional"), wide: true }],
    label: t("ship"),
    cancel: t("cancel"),
    act: ({ tracking }) => act(session, "Ship", { redemption, tracking: tracking || null }),
  });

const openReject = (redemption, session) =>
  ask(t("reject"), {
    text: t("reject.text"),
    fields: [
      reason(),
      { name: "restock", label: t("restock"), choices: [["yes", t("restock.yes"), false]] },
    ],
    label: t("reject"),
    cancel: t("cancel"),
    act: (found) =>
      act(session, "Reject", { redemption, ...found, restock: found.restock.length > 0 }),
  });
