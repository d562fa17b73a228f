// Operations of the manifest, sent by their ids to this API and nowhere else.
import { language } from "./words.js";

const TRIES = 3;
const RETRY_MILLISECONDS = 400;
const AGAIN = new Set(["UNAVAILABLE", "TIMEOUT", "CONCURRENT_REQUEST"]);

const ids = fetch(new URL("manifest.json", import.meta.url))
  .then((response) => response.json())
  .then(({ operations }) => new Map(operations.map(({ name, id }) => [name, id])));

export class Refused extends Error {
  constructor(errors) {
    super(errors.map(({ message }) => message).join(" "));
    this.codes = errors.map((error) => error.code ?? error.extensions?.code);
  }
}

export const newKey = () =>
  crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");

async function body(name, variables) {
  const extensions = { persistedQuery: { version: 1, sha256Hash: (await ids).get(name) } };
  return JSON.stringify({ operationName: name, variables, extensions });
}

export async function send(token, name, variables, accept, signal) {
  return fetch(new URL("../graphql", import.meta.url), {
    method: "POST",
    credentials: "omit",
    signal,
    headers: {
      Accept: accept,
      "Accept-Language": language(),
      "Content-Type": "application/json",
      Authorization: `Bearer ${token}`,
    },
    body: await body(name, variables),
  });
}

// What a caller may ask: `ask` answers data, `change` the payload of a mutation.
export function caller(token) {
  async function ask(name, variables = {}) {
    const response = await send(token, name, variables, "application/graphql-response+json");
    const { data, errors } = await response.json();
    if (errors) throw new Refused(errors);
    return data;
  }

  // The key stays the same over all tries, so that whatever was lost on the way is done once.
  async function change(name, input, key = newKey()) {
    for (let tries = 1; ; tries += 1) {
      try {
        const data = await ask(name, { input: { ...input, idempotencyKey: key } });
        const [payload] = Object.values(data);
        if (payload.errors.length) throw new Refused(payload.errors);
        return payload;
      } catch (error) {
        const lost = error instanceof TypeError || error.codes?.some((code) => AGAIN.has(code));
        if (!lost || tries === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS * tries));
      }
    }
  }

  return { ask, change, token };
}
