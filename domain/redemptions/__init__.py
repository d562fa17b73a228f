"""Points spent on rewards: held, confirmed, delivered, used, cancelled.

A *redemption* is one spending, a *fulfilment* its delivery, a *reveal* the first sight of its
codes.
"""
