"""Jobs: work that staff start and a worker does, for as long as it takes.

An **import** takes a file of rows: they are stored as they arrive, all *checked*, and then
*written*, many by one transaction. Each **row** ends DONE, KNOWN (there already) or REFUSED with
the reason. An **export** is a file of what was there at one instant, in **parts**. What a job
brings in is told once, by its end, and not member by member; rows and parts are kept for a while
and then forgotten.
"""
