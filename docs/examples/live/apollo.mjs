// Apollo Client: the balance as it changes, in the cache beside everything else.
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { firstValueFrom } from "rxjs";
import { line } from "./graphql_ws.mjs";

const client = new ApolloClient({ link: new GraphQLWsLink(line), cache: new InMemoryCache() });

const BALANCE = gql`
  subscription Balance {
    balanceChanged {
      available
      pending
    }
  }
`;

// A page would stay subscribed; the first answer is the balance now.
const { data } = await firstValueFrom(client.subscribe({ query: BALANCE }));
console.log(JSON.stringify({ available: data.balanceChanged.available }));
client.stop();
