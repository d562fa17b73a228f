// Fields that several forms have.
import { t } from "./words.js";

export const product = ({ programme }) => ({
  name: "product",
  label: t("product"),
  options: programme.namedProducts.map(({ code, name }) => [code, name]),
});

export const amount = ({ programme }, value) => ({
  name: "amount",
  label: t("amount", { currency: programme.currency }),
  value,
  inputmode: "decimal",
  pattern: "\\d+(\\.\\d+)?",
  placeholder: "0.00",
  required: true,
});

export const reason = () => ({ name: "reason", label: t("reason"), required: true, wide: true });
