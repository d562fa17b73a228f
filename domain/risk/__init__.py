"""Risk: what looks like fraud at a fact, by the rules of the policy.

A *signal* is a device, a card, an address or a key by which a fact came, kept as a digest. What
was seen before is read before the account is locked, the *verdict* is pure, and what fired is
recorded with the fact: its points are *withheld* for hours or until a *review* is decided. A rule
in the mode shadow is recorded and decides nothing. Members are told of no rule.
"""
