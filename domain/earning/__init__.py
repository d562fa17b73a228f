"""What facts earn: evaluation of a policy's rules, awards, limits and budgets.

An *evaluation* is pure: policy, facts and an instant in, points and reasons out. An *award* is what
one rule granted, an *allowance* what is left of its limit, a *snapshot* the inputs of an
evaluation.
"""
