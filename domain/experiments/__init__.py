"""Experiments: some members are judged by other values of the document, to measure the effect.

A member *meets* its variant with the first fact, quote or price that could differ by it: the
*exposure*, written only once. A *trial* is a fact that was judged by a variant, with the result
under the control. After an experiment has ended everybody is judged by its control; points already
given keep their terms.
"""
