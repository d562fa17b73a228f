// What a booking would earn and how much of it points can pay; then points are held for it.
import { card, figure, figures, form, h, say } from "./elements.js";
import { amount, product } from "./fields.js";
import { day, instant, money, points, t } from "./words.js";

export async function checkout(session) {
  const fields = [
    product(session),
    amount(session, "2000.00"),
    { name: "travelFrom", label: t("travel.from"), type: "date", hint: t("optional") },
    { name: "couponCode", label: t("coupon.code"), hint: t("coupon.code.hint") },
  ];
  const quote = h("div", { class: "aside", "aria-live": "polite" });
  const asked = form(fields, t("quote"), async (found) => {
    const line = { product: found.product, amount: found.amount };
    if (found.travelFrom) line.travelFrom = found.travelFrom;
    await showQuote(quote, session, { lines: [line], couponCode: found.couponCode || null });
  });
  return [card(t("section.checkout"), h("p", { class: "note" }, t("checkout.text")), asked), quote];
}

async function quoted(session, booking, offsetPoints = null) {
  const answer = await session.ask("Quotes", {
    earning: { ...booking, offsetPoints },
    offset: booking,
  });
  const { hasPoints } = session.programme;
  const [refused] = [...answer.quoteEarning.errors, ...(hasPoints ? answer.quoteOffset.errors : [])];
  if (refused) throw new Error(refused.message);
  return [answer.quoteEarning, answer.quoteOffset];
}

async function showQuote(place, session, booking) {
  const [earning, offset] = await quoted(session, booking);
  if (!session.programme.hasPoints)
    return place.replaceChildren(card(t("quote.saves"), termsOf(earning)));
  const earned = h("div", null, earningOf(earning));
  place.replaceChildren(
    card(t("quote.earns"), earned),
    card(t("quote.pays"), paying(session, booking, offset, earned)),
  );
}

const earningOf = (earning) => [h("p", { class: "big" }, points(earning.points)), termsOf(earning)];

function termsOf({ coupon, discount, availableText, expiresOn, explanation }) {
  return [
    figures(
      coupon && figure(t("coupon.off"), money(coupon)),
      discount && figure(t("discount"), money(discount)),
      availableText && figure(t("available.when"), availableText),
      expiresOn && figure(t("valid"), day(expiresOn)),
    ),
    h("ul", { class: "reasons" }, explanation.map(({ text }) => h("li", null, text))),
  ];
}

function paying(session, booking, offset, earned) {
  const { maxPoints, minimum, step, worth } = offset;
  if (!maxPoints) return [h("p", { class: "empty" }, t("quote.none"))];
  const { pointWorth } = session.programme;
  const shown = h("output", { class: "big" });
  const slider = h("input", {
    type: "range", min: minimum, max: maxPoints, step, value: maxPoints, "aria-label": t("points.how.many"),
  });
  const describe = () => (shown.textContent = points(Number(slider.value)));
  slider.addEventListener("input", describe);
  slider.addEventListener("change", async () => {
    const [now] = await quoted(session, booking, Number(slider.value));
    earned.replaceChildren(...earningOf(now));
  });
  describe();
  const hold = form([], t("hold"), async () => {
    const input = { ...booking, points: Number(slider.value) };
    const { redemption } = await session.change("Hold", input);
    showHold(hold, redemption, session);
    await session.changed();
  });
  return [
    h("p", { class: "note" }, t("quote.most", { points: points(maxPoints), money: money(worth) })),
    h("p", { class: "note" }, t("quote.step", { step: points(step), minimum: points(minimum) })),
    h("p", { class: "note" }, t("point.worth", { points: points(pointWorth.points), money: money(pointWorth.money) })),
    shown,
    slider,
    hold,
  ];
}

function showHold(place, { id, points: number, worth, holdExpiresAt }, session) {
  const at = instant(holdExpiresAt, session.programme.timezone);
  place.replaceChildren(
    h("p", { class: "good-news" }, t("held.now", { points: points(number), money: money(worth), at })),
    h("p", { class: "note" }, t("held.hand.over")),
    h("p", { class: "secret" }, id),
  );
  say(t("hold.made"));
}
