// What points buy, and what was bought.
import { ask, badge, button, card, h, paged, row, rows, say } from "./elements.js";
import { count, day, instant, money, points, t } from "./words.js";

const GLYPHS = { COUPON: "％", SERVICE: "★", PRODUCT: "▣", PARTNER: "⇄" };
const TONES = { HELD: "warn", CONFIRMED: "warn", SHIPPED: "warn", FULFILLED: "good" };
const UNDONE = new Set(["HELD", "CONFIRMED"]);

export async function rewards(session) {
  const load = async (after) => (await session.ask("Rewards", { after })).rewards;
  const found = await paged(load, (reward) => offer(reward, session), {
    empty: t("rewards.empty"),
    more: t("more"),
  });
  found.classList.add("catalogue");
  return [card(t("section.rewards"), found)];
}

function offer(reward, session) {
  const { kind, name, description, points: price, listPoints, openValue, remaining } = reward;
  const notes = [
    description,
    reward.partnerUnits && `${count(reward.partnerUnits)} ${reward.unitName ?? ""}`,
    reward.minimumTier && t("from.tier", { tier: reward.minimumTier.name }),
    remaining !== null && t("left", { count: count(remaining) }),
  ];
  const priced = openValue ? t("any.points") : points(price);
  const take = button(t("redeem"), () => openRedeem(reward, session), "primary");
  take.disabled = reward.affordable === false || remaining === 0;
  take.setAttribute("aria-label", `${t("redeem")}: ${name}`);
  return row({
    lead: h("span", { class: `tile ${kind.toLowerCase()}`, "aria-hidden": "true" }, GLYPHS[kind]),
    title: name,
    badges: badge(t(`kind.${kind}`)),
    notes,
    end: [
      h("strong", null, priced),
      price < listPoints && h("s", { class: "note" }, points(listPoints)),
      reward.worth && h("span", { class: "note" }, t("worth", { money: money(reward.worth) })),
    ],
    actions: [take],
  });
}

function fieldsOf({ kind, openValue, requires }) {
  const fields = [];
  if (openValue)
    fields.push({ name: "points", label: t("points.how.many"), type: "number", min: 1, required: true });
  if (kind === "PARTNER")
    fields.push({ name: "partnerAccount", label: t("partner.account"), required: true });
  if (requires)
    fields.push(
      { name: "recipient", label: t("recipient"), required: true },
      { name: "phone", label: t("phone"), required: true, type: "tel" },
    );
  if (requires === "ADDRESS")
    fields.push({ name: "address", label: t("address"), required: true, wide: true });
  if (requires === "APPOINTMENT")
    fields.push(
      { name: "from", label: t("from"), type: "datetime-local", required: true },
      { name: "until", label: t("until"), type: "datetime-local", required: true },
      { name: "place", label: t("place"), required: true, wide: true },
    );
  return fields;
}

function inputOf(reward, found) {
  const { points: number, partnerAccount, from, until, ...others } = found;
  const delivery = { ...others };
  if (from) Object.assign(delivery, { from: new Date(from), until: new Date(until) });
  return {
    reward: reward.code,
    points: number ? Number(number) : null,
    partnerAccount: partnerAccount || null,
    delivery: reward.requires ? delivery : null,
  };
}

function openRedeem(reward, session) {
  const priced = reward.openValue ? t("any.points") : points(reward.points);
  ask(reward.name, {
    text: t("redeem.text", { points: priced }),
    fields: fieldsOf(reward),
    label: t("redeem"),
    cancel: t("cancel"),
    act: async (found) => {
      const { redemption } = await session.change("Redeem", inputOf(reward, found));
      say(t("redeemed", { reward: reward.name, status: t(`status.${redemption.status}`) }));
      await session.changed();
    },
  });
}

export async function coupons(session) {
  const { me } = await session.ask("Coupons");
  const load = async (after) => (await session.ask("Orders", { after })).me.redemptions;
  const orders = await paged(load, (node) => order(node, session), {
    empty: t("orders.none"),
    more: t("more"),
  });
  return [
    card(t("coupons"), rows(me.coupons, coupon, t("coupons.none"))),
    card(t("orders.own"), orders),
  ];
}

const coupon = ({ code, status, validThrough, worth, minimumSpend, reward }) =>
  row({
    title: reward.name,
    badges: badge(t(`coupon.${status}`), status === "ISSUED" ? "good" : ""),
    notes: [
      h("code", null, code),
      validThrough && t("valid.through", { day: day(validThrough) }),
      minimumSpend && t("minimum.spend", { money: money(minimumSpend) }),
    ],
    end: worth && h("strong", null, money(worth)),
  });

function order(node, session) {
  const { id, status, points: number, quantity, createdAt, holdExpiresAt, reward } = node;
  const zone = session.programme.timezone;
  const undo = button(t("undo"), async () => {
    const { pointsReinstated } = await session.change("Cancel", { redemption: id });
    say(t("undone", { points: points(pointsReinstated) }));
    await session.changed();
  });
  return row({
    title: reward?.name ?? t("checkout.payment"),
    badges: badge(t(`status.${status}`), TONES[status]),
    notes: [
      instant(createdAt, zone),
      quantity > 1 && t("quantity", { count: count(quantity) }),
      status === "HELD" && t("hold.until", { at: instant(holdExpiresAt, zone) }),
      node.tracking && t("tracking.is", { tracking: node.tracking }),
    ],
    end: [
      h("strong", null, points(number)),
      node.worth && h("span", { class: "note" }, t("worth", { money: money(node.worth) })),
    ],
    actions: UNDONE.has(status) ? [undo] : [],
  });
}
