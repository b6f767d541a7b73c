"""One file for each way out of the house, all behind the `Channel` protocol of `channel.py`.

A channel sends one message and says what it knows; it never retries, never touches the database, never reads a clock.
"""
