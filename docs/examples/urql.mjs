// urql: a list page by page, and a mutation that is done once however often it is sent.
import { Client, fetchExchange, gql } from "@urql/core";
import { retryExchange } from "@urql/exchange-retry";
import { randomUUID } from "node:crypto";

const { MILEPOST_URL, MILEPOST_TOKEN } = process.env;

const client = new Client({
  url: MILEPOST_URL,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization: `Bearer ${MILEPOST_TOKEN}`, "accept-language": "en" } },
  exchanges: [
    // Every mutation carries its key in its variables, so each try is the same request.
    retryExchange({
      initialDelayMs: 300,
      maxNumberAttempts: 5,
      retryIf: ({ networkError, graphQLErrors }) =>
        networkError || graphQLErrors.some(({ extensions }) => extensions.code === "UNAVAILABLE"),
    }),
    fetchExchange,
  ],
});

const LEDGER = gql`
  query Ledger($after: String) {
    me {
      ledger(first: 2, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          node {
            points
          }
        }
      }
    }
  }
`;

const REDEEM = gql`
  mutation Redeem($input: RedeemRewardInput!) {
    redeemReward(input: $input) {
      replayed
      balance {
        available
      }
      errors {
        code
        message
        ... on InsufficientPoints {
          available
          required
        }
      }
    }
  }
`;

async function done(operation) {
  const { data, error } = await operation.toPromise();
  if (error) throw error;
  return data;
}

const points = [];
for (let after = null, more = true; more; ) {
  const { me } = await done(client.query(LEDGER, { after }));
  points.push(...me.ledger.edges.map(({ node }) => node.points));
  after = me.ledger.pageInfo.endCursor;
  more = me.ledger.pageInfo.hasNextPage;
}
console.log(JSON.stringify({ ledger: points }));

for (const reward of ["lounge", "backpack"]) {
  const input = { idempotencyKey: randomUUID(), reward };
  const { redeemReward } = await done(client.mutation(REDEEM, { input }));
  const { errors, replayed, balance } = redeemReward;
  // A refusal is data: nothing has happened, and the key is free again.
  if (errors.length) console.log(JSON.stringify({ refused: errors[0].code, short: errors[0].required - errors[0].available }));
  else console.log(JSON.stringify({ redeemed: reward, replayed, left: balance.available }));
}
