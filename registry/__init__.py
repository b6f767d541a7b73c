"""The town: the library of the population and the quality of what stands in it.

Here live: data standards, mappings of the sources' tables to our fields, the quality gate, the golden record and the
queries over residents. Here may not live: triggers and what follows from them; this room knows `models` only.
"""
