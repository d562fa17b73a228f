"""Points spent on rewards: held, confirmed, delivered, used, cancelled.

A *redemption* is one spending of points, a *fulfilment* its delivery, a *reveal* the first reading
of its codes.
"""
