"""The schema's history: Alembic migrations, forwards only, run by `models.migrations.upgrade`.

`env.py` and `versions/` are Alembic's own layout; nothing imports them but Alembic. A migration that is out in the
world is never edited; the next one mends it.
"""
