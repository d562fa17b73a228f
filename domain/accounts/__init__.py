"""A member's account under its lock: the only way to write anything about points.

An account is *opened*: locked, with changes by the passage of time posted and its tier reviewed. It
is *closed*: everything decided is written in one order. The *sweeps* do only these two steps.
"""
