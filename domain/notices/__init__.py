"""Notices: what members are notified of without having asked.

A *reminder* says that points are about to expire.
"""
