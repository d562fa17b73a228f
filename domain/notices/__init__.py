"""What members are told without having asked.

A *reminder* says that points are about to expire.
"""
