"""Points as entries between buckets, held in lots with their own expiry; insert-only.

An *entry* moves points from one *bucket* to another; a *lot* is one credit with its terms; an
*allocation* is one change of a lot; a *hold* is points reserved for a redemption; a *statement* is
the entries of a period between two balances. The ledger never asks why points move.
"""
