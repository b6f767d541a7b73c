"""The forecast: how many residents will need a service, where, and in which year.

Here live: cohort counters that follow each change, and what is computed from them, such as school places per zone.
Here may not live: decisions about one resident, sending, clocks. The counters always equal a full recount.
"""
