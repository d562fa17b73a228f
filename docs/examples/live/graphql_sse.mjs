// graphql-sse: the same by server-sent events, which pass where WebSockets do not.
import { setTimeout } from "node:timers/promises";
import { createClient } from "graphql-sse";
import { token } from "./tokens.mjs";

const RETRY_MILLISECONDS = 1000;

const stream = createClient({
  url: process.env.MILEPOST_URL,
  headers: async () => ({ authorization: `Bearer ${await token()}` }),
});

const LEDGER = `
  subscription Ledger($after: Int) {
    ledgerAppended(after: $after) {
      sequence
      points
    }
  }
`;

// The last entry that is done with: a program keeps it, and begins there when it is started again.
let last = Number(process.env.MILEPOST_AFTER ?? 0);
const until = Number(process.env.MILEPOST_UNTIL ?? 3); // a page would stay
// A stream that completes, because its token has ended, is asked for again after the last entry.
while (last < until) {
  try {
    for await (const { data, errors } of stream.iterate({ query: LEDGER, variables: { after: last } })) {
      if (errors) throw new AggregateError(errors);
      console.log(JSON.stringify(data.ledgerAppended));
      last = data.ledgerAppended.sequence;
      if (last === until) break;
    }
    console.error("complete");
  } catch (error) {
    if (error.response?.status !== 401) throw error; // with another token it is asked for again
    await setTimeout(RETRY_MILLISECONDS);
  }
}
stream.dispose();
