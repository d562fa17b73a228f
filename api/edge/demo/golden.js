// The golden example: six steps that bring a new member to 4350 points.
import * as callers from "./callers.js";
import { Refused } from "./api.js";
import { badge, card, form, h, row } from "./elements.js";
import { change, points, t } from "./words.js";

const activity = (type) => (member) => ["EarnForActivity", { member, type, reference: `${type}-${member.reference}` }];

const booking = (product, amount) => (member) => [
  "EarnForBooking",
  { member, reference: `${product}-${member.reference}`, lines: [{ product, amount }] },
];

const STEPS = {
  enrolled: ({ reference }) => ["Enrol", { reference, name: reference }],
  verified: activity("verification"),
  preferences: activity("profile_completed"),
  flight: booking("flight", "1500.00"),
  hotel: booking("hotel", "2000.00"),
  shared: activity("share"),
  reviewed: activity("review"),
};

export async function golden(session) {
  const other = callers.otherOf("member");
  const played = h("ol", { class: "rows", id: "played" });
  const fields = [
    {
      name: "reference",
      label: t("member.reference"),
      value: other?.split(" ")[1] ?? "xiaoli",
      hint: t("golden.hint"),
      required: true,
      wide: true,
    },
  ];
  const beside =
    other && h("a", { class: "button", href: callers.linkTo(other), target: "_blank", rel: "opener" }, t("beside.member"));
  const asked = form(fields, t("golden.play"), ({ reference }) => play(reference, played, session), [beside || ""]);
  return [card(t("section.golden"), h("p", null, t("golden.text")), asked, played)];
}

async function play(reference, place, session) {
  place.replaceChildren();
  for (const [name, step] of Object.entries(STEPS)) {
    const [operation, input] = step({ reference });
    const found = await outcome(session, operation, input, `golden-${name}-${reference}`);
    place.append(shown(t(`golden.${name}`), found));
  }
}

// A step that a programme refuses says so, and the others go on; whoever has enrolled already
// goes on from there.
async function outcome(session, operation, input, key) {
  try {
    return await session.change(operation, input, key);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.codes[0] === "REFERENCE_TAKEN" ? {} : { refused: error.message };
  }
}

const shown = (title, { pointsAwarded, balance, refused }) =>
  row({
    title,
    badges: refused ? badge(t("refused"), "bad") : "",
    notes: [refused, balance && t("after", { points: points(balance.available) })],
    end: pointsAwarded === undefined ? "" : h("strong", { class: "plus" }, change(pointsAwarded)),
  });
