"""A programme and its policy: one versioned document of rules, validated when it is published.

A *policy* is the document, a *version* one published text of it, in force from an instant. A
published version is never changed; no code knows which programme it serves.
"""
