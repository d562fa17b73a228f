"""Experiments: some members are judged by other values of the document, to see what that changes.

A member *meets* its variant with the first fact, quote or price that could differ by it: the
*exposure*, written once for ever. A *trial* is a fact that was judged by a variant, beside what the
control would have given. An experiment that is over judges everybody by its control; what was given
keeps its terms.
"""
