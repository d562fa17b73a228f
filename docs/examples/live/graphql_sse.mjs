// graphql-sse: the same by server-sent events, which pass where WebSockets do not.
import { createClient } from "graphql-sse";
import { token } from "./tokens.mjs";

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

let last = 0;
const points = [];
// A stream that completes, because its token has ended, is asked for again after the last entry.
while (points.length < 3) {
  try {
    for await (const { data, errors } of stream.iterate({ query: LEDGER, variables: { after: last } })) {
      if (errors) throw new AggregateError(errors);
      last = data.ledgerAppended.sequence;
      points.push(data.ledgerAppended.points);
      if (points.length === 3) break; // a page would stay
    }
  } catch (error) {
    if (error.response?.status !== 401) throw error; // with another token it is asked for again
  }
}
console.log(JSON.stringify({ appended: points }));
stream.dispose();
