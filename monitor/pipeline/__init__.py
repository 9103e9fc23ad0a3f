"""The journey of an article: poll -> ingest -> group -> publish -> deliver.

Each step is a module with `due(parts, now) -> keys` and `run(parts, keys, now) -> outcomes`. What
is due is a question to the database; no step calls the next. `run` claims its keys first, so that a
key that is no longer due, or that another process has taken, is left alone.
"""
