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
  on: { closed: ({ code }) => console.error(`closed: ${code}`) },
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
// Read anew whenever the subscription is sent, so that it goes on after the last entry that came.
const variables = {
  get after() {
    return last;
  },
};
for await (const { data, errors } of line.iterate({ query: LEDGER, variables })) {
  if (errors) throw new AggregateError(errors);
  console.log(JSON.stringify(data.ledgerAppended));
  last = data.ledgerAppended.sequence;
  if (last === until) break;
}
