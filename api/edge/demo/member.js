// A member's page: how the account stands, above what the member can do.
import * as callers from "./callers.js";
import { checkout } from "./checkout.js";
import { badge, figure, figures, form, h, say } from "./elements.js";
import { history } from "./history.js";
import { consents, inbox } from "./inbox.js";
import { watch } from "./live.js";
import { coupons, rewards } from "./rewards.js";
import { sections } from "./sections.js";
import { day, money, points, t } from "./words.js";

const SECTIONS = { history, rewards, checkout, coupons, inbox, consents };

export async function member(place, session) {
  let shown;
  const top = h("section", { class: "top", "aria-label": t("top") });
  const opened = await look();
  if (!opened) return place.replaceChildren(joining(session));

  place.replaceChildren(top);
  const { show, current } = sections(place, { ...session, changed }, SECTIONS);
  watch(session, arrived);
  await show();

  async function look() {
    const { me } = await session.ask("Home");
    if (!me) return me;
    shown = JSON.stringify(me.balance);
    top.replaceChildren(...standing(me, session.programme), beside());
    return me;
  }

  async function arrived(balance) {
    if (JSON.stringify(balance) === shown) return;
    await changed();
    say(t("balance.now", { points: points(balance.available) }));
  }

  // What somebody is typing stays where it is.
  async function changed() {
    await look();
    if (current() !== "checkout" && !document.querySelector("dialog[open]")) await show();
  }
}

// A programme without points has levels, which are what counts there.
function standing({ name, reference, balance, standing: { tier, progress } }, { hasPoints }) {
  const { available, pending, held, owed, worth, nextExpiry } = balance;
  return [
    h("p", { class: "top-name" }, name ?? reference, hasPoints && badge(tier.name, "light")),
    h("p", { class: "top-points", id: "available" }, hasPoints ? points(available) : tier.name),
    hasPoints && h("p", { class: "top-worth" }, t("worth", { money: money(worth) })),
    progress.required &&
      h("progress", { "aria-label": t("progress"), max: progress.required, value: progress.current }),
    h("p", { class: "top-progress" }, progress.text),
    hasPoints && figures(
      figure(t("pending"), points(pending)),
      figure(t("held"), points(held)),
      owed > 0 && figure(t("owed"), points(owed)),
      nextExpiry && figure(t("expires", { day: day(nextExpiry.on) }), points(nextExpiry.points)),
    ),
  ].filter(Boolean);
}

function beside() {
  const other = callers.otherOf("partner");
  return other
    ? h("a", { class: "beside", href: callers.linkTo(other), target: "_blank", rel: "opener" }, t("beside.partner"))
    : "";
}

function joining(session) {
  const fields = [
    { name: "name", label: t("join.name"), required: true, maxlength: 100 },
    { name: "referralCode", label: t("join.code"), hint: t("optional") },
  ];
  return h(
    "section",
    { class: "card welcome" },
    h("h1", null, t("join.title", { programme: session.programme.name })),
    h("p", null, t("join.text")),
    form(fields, t("join"), async ({ name, referralCode }) => {
      await session.change("Enrol", { name, referralCode: referralCode || null });
      await session.start();
    }),
  );
}

