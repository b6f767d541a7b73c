"""What starts by itself: a record arrives from Kafka, or time passes.

Here live: topics, the Faust app and its agents, decoding, quarantine of what cannot be read, the ticking clock.
Here may not live: decisions. A batch or a tick is handed to `casework` in one call, and no exception leaves it.
This is the only room that knows Faust, Kafka and the scheduler. It never imports `console`.
"""
