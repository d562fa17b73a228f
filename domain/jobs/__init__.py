"""Jobs: work that staff start and a worker does, for as long as it takes.

An **import** takes a file of rows: they are stored as they arrive, all *checked*, and then
*written*, many by one transaction. Each **row** ends DONE, KNOWN (exists already) or REFUSED with
the reason. An **export** is a file of the state at one instant, in **parts**. A job's import has
one event, at its end, and none for each member; rows and parts are kept for a while and then
forgotten.
"""
