"""Valuation: what points are deferred at, in minor units of the currency.

The *value* of a lot is fixed when it is credited. What leaves the lot *carries* its part of it, and
what returns carries it back, so that all points together carry the whole, in whatever order.
"""
