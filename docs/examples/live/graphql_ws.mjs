// graphql-ws: every entry of the ledger, each once, through lost connections and ended tokens.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { token } from "./tokens.mjs";

export const line = createClient({
  url: process.env.MILEPOST_URL.replace(/^http/, "ws"),
  webSocketImpl: WebSocket, // browsers, and Node from 22 on, have one
  // Called for every connection: after 4403 the client comes again, and needs a token that holds.
  connectionParams: async () => ({ authorization: await token() }),
  shouldRetry: () => true,
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
// Read anew whenever the subscription is sent, so that it goes on after the last entry that came.
const variables = {
  get after() {
    return last;
  },
};
for await (const { data, errors } of line.iterate({ query: LEDGER, variables })) {
  if (errors) throw new AggregateError(errors);
  last = data.ledgerAppended.sequence;
  points.push(data.ledgerAppended.points);
  if (points.length === 3) break; // a page would stay
}
console.log(JSON.stringify({ appended: points }));
