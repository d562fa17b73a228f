"""Which of a programme's days are settled: nothing can be recorded in them any more.

A *settled* day is over and stays as it is: whoever writes reads, under the account's lock, how far
that goes, and records nothing before. The *barrier* waits for those who read it earlier. Books
that were never opened settle nothing, and nothing here looks at points.
"""
