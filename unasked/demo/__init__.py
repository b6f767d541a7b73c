"""The synthetic city behind `unasked demo`.

Here live the published figures it follows (`figures`), what had to be assumed (`assumptions`), and the pure generator
that plays the city's register as Debezium envelopes (`city`). No person in it exists. Nothing here reads a clock,
a file or the network, and nothing outside this package may depend on it but the command line.
"""
