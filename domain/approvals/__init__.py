"""Approvals: proposals that another person approves, which performs them, or rejects.

Here stands what performing means for each operation that can become a proposal.
"""
