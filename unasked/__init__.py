"""The entry: the command line, the settings, the embedded service and the synthetic city.

Here live: the commands, the one reader of the environment, the wiring of all rooms into roles, the simulated clock.
Here may not live: a decision about who is due what (that is `casework`), and Kafka itself (that is `streams`).
Nothing may import this room; it may import every other.
"""
