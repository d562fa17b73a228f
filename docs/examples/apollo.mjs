// Apollo Client: a list page by page, and a mutation that is done once however often it is sent.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { RetryLink } from "@apollo/client/link/retry";
import { relayStylePagination } from "@apollo/client/utilities";
import { randomUUID } from "node:crypto";

const { MILEPOST_URL, MILEPOST_TOKEN } = process.env;

const client = new ApolloClient({
  link: ApolloLink.from([
    // Every mutation carries its key in its variables, so each try is the same request.
    new RetryLink({ delay: { initial: 300 }, attempts: { max: 5 } }),
    new SetContextLink(({ headers }) => ({
      headers: { ...headers, authorization: `Bearer ${MILEPOST_TOKEN}`, "accept-language": "en" },
    })),
    new HttpLink({ uri: MILEPOST_URL }),
  ]),
  cache: new InMemoryCache({
    // Pages of one list become one list, kept apart by the arguments that choose what is in it.
    typePolicies: { Member: { fields: { ledger: relayStylePagination(["kinds", "from", "until"]) } } },
  }),
});

const LEDGER = gql`
  query Ledger($after: String) {
    me {
      id
      ledger(first: 2, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          node {
            id
            points
            description
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
      redemption {
        id
        status
      }
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

let ledger = { pageInfo: { hasNextPage: true, endCursor: null } };
while (ledger.pageInfo.hasNextPage) {
  const variables = { after: ledger.pageInfo.endCursor };
  const { data } = await client.query({ query: LEDGER, variables, fetchPolicy: "network-only" });
  ledger = data.me.ledger; // what the cache has of the list by now
}
console.log(JSON.stringify({ ledger: ledger.edges.map(({ node }) => node.points) }));

for (const reward of ["lounge", "backpack"]) {
  const input = { idempotencyKey: randomUUID(), reward };
  const { data } = await client.mutate({ mutation: REDEEM, variables: { input } });
  const { errors, replayed, balance } = data.redeemReward;
  // A refusal is data: nothing has happened, and the key is free again.
  if (errors.length) console.log(JSON.stringify({ refused: errors[0].code, short: errors[0].required - errors[0].available }));
  else console.log(JSON.stringify({ redeemed: reward, replayed, left: balance.available }));
}
client.stop();
