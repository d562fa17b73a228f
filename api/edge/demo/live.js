// What changes an account is shown when it happens: a subscription by server-sent events.
import { Refused, send } from "./api.js";

const WAITS_MILLISECONDS = [500, 1000, 2000, 5000, 15000];

// Each balance as it changes, the first one at once, until the visit ends. A stream that broke is
// opened again, and begins with what happened meanwhile.
export async function watch(session, changed) {
  for (let tries = 0; !session.signal.aborted; tries += 1) {
    try {
      for await (const { balanceChanged } of follow(session, "BalanceChanged")) {
        tries = 0;
        await changed(balanceChanged);
      }
    } catch {
      // the network, an expired token, a server that restarts: whatever it was, it is tried again
    }
    const wait = WAITS_MILLISECONDS[Math.min(tries, WAITS_MILLISECONDS.length - 1)];
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function* follow({ token, signal }, name) {
  const response = await send(token, name, {}, "text/event-stream", signal);
  if (!response.headers.get("content-type")?.startsWith("text/event-stream"))
    throw new Refused((await response.json()).errors);
  let text = "";
  for await (const part of parts(response.body)) {
    const blocks = (text + part).split(/\r?\n\r?\n/);
    text = blocks.pop();
    for (const block of blocks) {
      const lines = block.split(/\r?\n/);
      if (!lines.includes("event: next")) continue;
      const found = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
      const { data, errors } = JSON.parse(found.join("\n"));
      if (errors) throw new Refused(errors);
      yield data;
    }
  }
}

// Not every browser goes through a stream by itself.
async function* parts(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}
