"""Valuation: the amounts at which points are deferred, in minor units of the currency.

The *value* of a lot is fixed when it is credited. Points that leave the lot *carry* their part of
it, and returning ones carry it back, so that all points together carry the whole value, in any
order.
"""
