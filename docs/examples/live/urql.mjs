// urql: the balance as it changes.
import { Client, gql, subscriptionExchange } from "@urql/core";
import { line } from "./graphql_ws.mjs";

const client = new Client({
  url: process.env.MILEPOST_URL,
  exchanges: [
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: line.subscribe({ query, variables }, sink) }),
      }),
    }),
  ],
});

const BALANCE = gql`
  subscription Balance {
    balanceChanged {
      available
      pending
    }
  }
`;

// A page would stay subscribed; the first answer is the balance now.
const { data, error } = await new Promise((resolve) => {
  const { unsubscribe } = client.subscription(BALANCE, {}).subscribe((result) => {
    resolve(result);
    queueMicrotask(() => unsubscribe());
  });
});
if (error) throw error;
console.log(JSON.stringify({ available: data.balanceChanged.available }));
