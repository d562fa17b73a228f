// The reader's language, and figures as it writes them, each with its unit.
import en from "./words_en.js";
import zh from "./words_zh.js";

const KEPT = "milepost:language";
const LANGUAGES = { en, "zh-CN": zh };

export function language() {
  const chosen = localStorage.getItem(KEPT);
  if (chosen in LANGUAGES) return chosen;
  return navigator.language.startsWith("zh") ? "zh-CN" : "en";
}

export const choose = (name) => localStorage.setItem(KEPT, name);

// A sentence by its name, with facts in its {places}.
export function t(name, facts = {}) {
  const words = LANGUAGES[language()][name];
  if (words === undefined) throw new Error(`no words for ${name}`);
  return words.replace(/\{(\w+)\}/g, (_, fact) => facts[fact]);
}

const whole = (number) => new Intl.NumberFormat(language()).format(number);

export function points(number) {
  return t(Math.abs(number) === 1 ? "point" : "points", { points: whole(number).replace("-", "−") });
}

export const change = (number) => (number > 0 ? `+${points(number)}` : points(number));

export function money({ amount, currency }) {
  const [, fraction = ""] = amount.split(".");
  return new Intl.NumberFormat(language(), {
    style: "currency",
    currency,
    currencyDisplay: language() === "en" ? "code" : "symbol",
    minimumFractionDigits: fraction.length,
    maximumFractionDigits: fraction.length,
  }).format(amount);
}

// A day without an instant is the same day everywhere.
export function day(text) {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeZone: "UTC" }).format(
    new Date(`${text}T00:00:00Z`),
  );
}

export function instant(text, timeZone) {
  return new Intl.DateTimeFormat(language(), {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone,
  }).format(new Date(text));
}

export const count = whole;

export const list = (texts) => new Intl.ListFormat(language(), { type: "unit" }).format(texts);
