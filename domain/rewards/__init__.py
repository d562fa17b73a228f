"""Rewards for points: the catalogue, its stock, and coupon codes.

A *reward* has a list price in points; a *pool* holds the codes of a coupon. Rewards never know
who redeems them.
"""
