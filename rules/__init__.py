"""Trigger documents and their condition language.

Here live: the parser, the three compilers (Python predicate, SQL expression, turning dates), explanations,
sentences in Chinese and English, and the trigger documents themselves. Everything is pure: no I/O besides reading
the shipped catalogue, no clock, no database session. The business date is an argument everywhere.
"""
