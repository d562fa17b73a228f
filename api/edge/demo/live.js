// What changes an account is shown when it happens.

const SECONDS = 1.5;

// `changed` is called after each change of the member's balance, until the visit ends.
export function watch(session, changed) {
  let before = "";
  const timer = setInterval(async () => {
    const { me } = await session.ask("Home");
    const now = JSON.stringify(me.balance) + me.unreadNotices;
    if (now !== before) await changed();
    before = now;
  }, SECONDS * 1000);
  session.signal.addEventListener("abort", () => clearInterval(timer));
}
