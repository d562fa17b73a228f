// Types by graphql-codegen: a list page by page, and a mutation that is done once however often
// it is sent. `npm run codegen` writes generated.ts.
import { LedgerDocument, type LedgerQuery, RedeemDocument, type TypedDocumentString } from "./generated.js";

declare const process: { env: Record<string, string> };
const { MILEPOST_URL, MILEPOST_TOKEN } = process.env;
const TRIES = 5;
const RETRY_MILLISECONDS = 300;

async function ask<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  // A mutation carries its key in its variables, so each try is the same request.
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(MILEPOST_URL, {
      method: "POST",
      headers: {
        authorization: `Bearer ${MILEPOST_TOKEN}`,
        "accept-language": "en",
        "content-type": "application/json",
      },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    if (response.status < 500 || tries === TRIES) {
      const { data, errors } = await response.json();
      if (errors) throw new Error(errors[0].message);
      return data;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS * tries));
  }
}

const points: number[] = [];
for (let after: string | null = null, more = true; more; ) {
  const { me }: LedgerQuery = await ask(LedgerDocument, { after });
  if (!me) throw new Error("this member has not enrolled");
  points.push(...me.ledger.edges.map(({ node }) => node.points));
  after = me.ledger.pageInfo.endCursor ?? null;
  more = me.ledger.pageInfo.hasNextPage;
}
console.log(JSON.stringify({ ledger: points }));

for (const reward of ["lounge", "backpack"]) {
  const input = { idempotencyKey: crypto.randomUUID(), reward };
  const { redeemReward } = await ask(RedeemDocument, { input });
  const [problem] = redeemReward?.errors ?? [];
  // A refusal is data: nothing has happened, and the key is free again.
  if (problem?.__typename === "InsufficientPoints")
    console.log(JSON.stringify({ refused: problem.code, short: problem.required - problem.available }));
  else if (problem) throw new Error(problem.message);
  else
    console.log(
      JSON.stringify({ redeemed: reward, replayed: redeemReward?.replayed, left: redeemReward?.balance?.available }),
    );
}
