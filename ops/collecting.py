"""Garbage collection: how often a process searches for cycles of objects, of which its work leaves
few.
"""

import gc

COLLECT_AFTER = 50_000
"""So many objects more than before, cycles of them are looked for: some megabytes."""


def collect_rarely() -> None:
    """Exclude existing objects from collection for good, and collect new ones rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
