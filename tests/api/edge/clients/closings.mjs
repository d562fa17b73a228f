// graphql-ws, by what its options allow: the code that closes each connection, and what comes after.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [ended, fresh] = process.env.MILEPOST_TOKEN.split(",");
const url = process.env.MILEPOST_URL.replace(/^http/, "ws");
const query = "subscription { balanceChanged { available } }";

class SendsTheFirstTwice extends WebSocket {
  send(text, ...more) {
    super.send(text, ...more);
    if (JSON.parse(text).type === "connection_init") super.send(text);
  }
}

// What a connection was closed by, and the code or the balance that each subscriber heard.
async function play({ subscribers = 1, ...options }) {
  const closed = [];
  const line = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: fresh },
    shouldRetry: () => true,
    retryWait: async () => {},
    on: { closed: ({ code }) => closed.push(code) },
    ...options,
  });
  const told = () =>
    new Promise((resolve) => {
      line.subscribe({ query }, {
        // of several it is the end that counts
        next: ({ data }) => subscribers === 1 && resolve(data.balanceChanged.available),
        error: ({ code }) => resolve(code),
        complete: () => resolve("complete"),
      });
    });
  const heard = await Promise.all(Array.from({ length: subscribers }, told));
  const codes = [...closed];
  await line.dispose();
  return { closed: codes, heard };
}

const first = (once, later) => {
  let asked = 0;
  return () => (asked++ ? later : once);
};
const credential = (token) => ({ authorization: token });

const played = {
  "what is no operation": await play({
    jsonMessageReplacer: (name, value) => (name === "query" ? 7 : value),
  }),
  "a token that has ended": await play({
    connectionParams: first(credential(ended), credential(fresh)),
  }),
  "a first message that does not come": await play({
    // a server that does not wait long, and then one that does
    url: first(process.env.MILEPOST_HASTY_URL, url),
    connectionParams: first(new Promise(() => {}), credential(fresh)),
  }),
  "an id that is taken": await play({ subscribers: 2, generateID: () => "1" }),
  "a first message that comes twice": await play({ webSocketImpl: SendsTheFirstTwice }),
};
console.log(JSON.stringify(played));
