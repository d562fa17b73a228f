"""What a partner owes for a month of points, and is owed for the rewards that it delivered.

A *statement* is of one partner and one month of the programme's time zone: figures, the terms
that held, and the digest of its rows, which are read from the ledger whenever they are asked for.
A row belongs to the month in which it was recorded, so none stands in two statements. A month is
*closed* once nothing can be recorded in it any more, and never opened again. A *payment* settles
a statement, in parts or whole. Nothing here moves points or money.
"""
