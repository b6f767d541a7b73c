"""The post: texts, channels, and the delivery of what stands in the outbox.

`delivery` claims, sends and records; `channels/` holds one file for each way out; `templates/` and `layouts/`
what is said and how it looks on paper. Nothing here decides who is due what: that is casework, met only in the outbox.
No clock and no environment: `now`, `today`, channels, gate and addresses come from where things are wired.
"""
