"""Settlement: the amount that a partner owes for a month's points, and is owed for rewards that it
delivered.

A *statement* belongs to one partner and one month in the programme's time zone: it has figures, the
terms in force, and the digest of its rows, which are read from the ledger when requested. A row
belongs to the month of its recording, so none is in two statements. A month is *closed* once
nothing can be recorded in it any more, and never opened again. A *payment* settles a statement,
partly or fully. Nothing here moves points or money.
"""
