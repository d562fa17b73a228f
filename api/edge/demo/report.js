// A booking as the booking system reports it, with what the member holds for it.
import { card, form, h } from "./elements.js";
import { newKey } from "./api.js";
import { amount, product } from "./fields.js";
import { points, t } from "./words.js";

export async function report(session) {
  const fields = [
    { name: "member", label: t("member.reference"), required: true },
    { name: "reference", label: t("booking.reference"), value: `B-${newKey().slice(0, 6)}`, required: true },
    product(session),
    amount(session),
    { name: "couponCode", label: t("coupon.code"), hint: t("optional") },
    { name: "redemptionId", label: t("hold.id"), hint: t("hold.id.hint") },
  ];
  const done = h("p", { class: "good-news", role: "status" });
  const asked = form(fields, t("report"), async (found) => {
    const { member, product: code, amount: paid, reference, couponCode, redemptionId } = found;
    const payload = await session.change("EarnForBooking", {
      member: { reference: member },
      reference,
      lines: [{ product: code, amount: paid }],
      couponCode: couponCode || null,
      redemptionId: redemptionId || null,
    });
    done.textContent = t("reported", {
      reference,
      points: points(payload.pointsAwarded),
      available: points(payload.balance.available),
    });
  });
  return [card(t("section.report"), h("p", { class: "note" }, t("report.text")), asked, done)];
}
