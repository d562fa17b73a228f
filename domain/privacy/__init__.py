"""The rights of a person on personal data: the export of everything stored about a member, in one
document, and the erasure, which keeps the facts without the person. Each room erases its own data.
"""
