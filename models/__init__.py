"""The words: what everything is called, and how it is stored.

Here live: the vocabulary (values and states, plain Python), the registry of a resident's fields, the tables and their
migrations, the sealing of personal fields, engines and transactions.
Here may not live: behaviour of any other room. This room imports none of them.
"""
