"""A member's account under its lock: the one way in which anything about points is written.

An account is *opened*: locked, with what time alone has changed posted and its tier reviewed; and
*closed*: everything decided is written in one order. The *sweeps* do only that.
"""
