// How this partner is connected: its keys, and the endpoints that it is sent events to.
import { ask, badge, button, card, h, reveal, row, rows, say } from "./elements.js";
import { day, instant, list, t } from "./words.js";

const KEY_TONES = { LIVE: "good", REPLACED: "warn" };
const ENDPOINT_TONES = { ON: "good", PAUSED: "warn", OFF: "bad" };
const HOURS = 24;

export async function keys(session) {
  const { partner } = await session.ask("Keys");
  return [
    card(
      t("section.keys"),
      rows(partner.keys, (found) => key(found, session), t("keys.none")),
      h("div", { class: "form-end" }, button(t("key.make"), () => openKey(partner.scopes, session), "primary")),
    ),
  ];
}

function key({ id, prefix, label, scopes, status, createdAt, expiresAt, lastUsedOn }, session) {
  const zone = session.programme.timezone;
  const live = [
    button(t("key.rotate"), async () => {
      const { secret } = await session.change("RotateKey", { key: id, hours: HOURS });
      reveal(t("key.rotated"), t("key.rotated.text", { hours: HOURS }), secret, t("key.kept"));
      await session.refresh();
    }),
    button(t("key.revoke"), () => openRevoke(id, prefix, session), "danger"),
  ];
  return row({
    title: label ?? t("key.unnamed"),
    badges: badge(t(`key.${status}`), KEY_TONES[status]),
    notes: [
      h("code", null, `${prefix}…`),
      list(scopes.map((scope) => t(`scope.${scope}`))),
      t("key.made", { at: instant(createdAt, zone) }),
      expiresAt && t("key.expires", { at: instant(expiresAt, zone) }),
      lastUsedOn && t("key.used", { day: day(lastUsedOn) }),
    ],
    actions: status === "LIVE" ? live : [],
  });
}

const openKey = (scopes, session) =>
  ask(t("key.make"), {
    fields: [
      { name: "label", label: t("key.label"), required: true, wide: true },
      {
        name: "scopes",
        label: t("key.scopes"),
        choices: scopes.map((scope) => [scope, t(`scope.${scope}`), scope === "READ"]),
      },
    ],
    label: t("key.make"),
    cancel: t("cancel"),
    act: async (found) => {
      const { secret } = await session.change("CreateKey", found);
      await session.refresh();
      reveal(t("key.new"), t("secret.once"), secret, t("key.kept"));
    },
  });

const openRevoke = (id, prefix, session) =>
  ask(t("key.revoke"), {
    text: t("key.revoke.text", { prefix }),
    fields: [],
    label: t("key.revoke"),
    cancel: t("cancel"),
    act: async () => {
      await session.change("RevokeKey", { key: id });
      say(t("done"));
      await session.refresh();
    },
  });

export async function endpoints(session) {
  const { webhooks, eventTypes } = await session.ask("Endpoints");
  return [
    card(
      t("section.endpoints"),
      rows(webhooks, (found) => endpoint(found, session), t("endpoints.none")),
      h("div", { class: "form-end" }, button(t("endpoint.add"), () => openEndpoint(eventTypes, session), "primary")),
    ),
  ];
}

function endpoint({ id, url, topics, status, lastSuccessAt }, session) {
  const switched = status === "OFF" ? ["EnableEndpoint", "endpoint.on"] : ["DisableEndpoint", "endpoint.off"];
  return row({
    title: url,
    badges: badge(t(`endpoint.${status}`), ENDPOINT_TONES[status]),
    notes: [
      topics ? list(topics) : t("endpoint.all"),
      lastSuccessAt && t("endpoint.success", { at: instant(lastSuccessAt, session.programme.timezone) }),
    ],
    actions: [
      button(t("endpoint.ping"), async () => {
        const { attempt } = await session.change("PingEndpoint", { webhook: id });
        const { status: answered, error, milliseconds } = attempt;
        const accepted = answered >= 200 && answered < 300;
        say(t("endpoint.pinged", { answer: answered ?? error, milliseconds }), !accepted);
      }),
      button(t(switched[1]), async () => {
        await session.change(switched[0], { webhook: id });
        await session.refresh();
      }),
    ],
  });
}

const openEndpoint = (types, session) =>
  ask(t("endpoint.add"), {
    fields: [
      { name: "url", label: t("endpoint.url"), type: "url", required: true, wide: true },
      {
        name: "topic",
        label: t("endpoint.topic"),
        options: [["", t("endpoint.all")], ...types.map(({ type }) => [type, type])],
        wide: true,
      },
    ],
    label: t("endpoint.add"),
    cancel: t("cancel"),
    act: async ({ url, topic }) => {
      const { secret } = await session.change("SaveEndpoint", { url, topics: topic ? [topic] : null });
      await session.refresh();
      reveal(t("endpoint.new"), t("secret.once"), secret, t("key.kept"));
    },
  });
