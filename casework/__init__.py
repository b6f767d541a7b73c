"""The decisions: which resident is due which service on which day, and what is done about it.

Here live: intake of changes, the one reconciliation of what is due with what was begun, plans and steps, the inbox,
publication of triggers, the closing of days, certificates and audits.
Everything takes `db` and the day as arguments and runs inside the caller's transaction. Here may not live: clocks,
Kafka, HTTP, and sending; this room and `notifiers` meet in the outbox table only.
"""
