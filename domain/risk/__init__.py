"""Risk: facts that look like fraud, by the rules of the policy.

A *signal* is a device, a card, an address or a key with which a fact was sent, stored as a digest.
Earlier facts are read before the account is locked, the *verdict* is pure, and the rules that fired
are recorded with the fact: its points are *withheld* for hours or until a *review* is decided. A
rule in the mode shadow is recorded and decides nothing. Members are never informed about rules.
"""
