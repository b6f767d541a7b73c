"""One fused function for twenty conditions against twenty separate lambdas, on one core.

    python bench/predicate.py [residents]

The lambdas are what a programmer would write by hand for the same conditions: the day's bounds are computed once, a
fact that is absent is checked for, and each lambda answers TRUE and FALSE as the fused function does.
"""
