"""On PostgreSQL, the text index takes every sign for the end of a word, as that of SQLite does.

Its own parser read "F-35" as "f" and "-35", and "U.S." or "tank/artillery" as one word, so that
none of them was found.

Revision ID: 0018
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SIGNS = """!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~"""
"""All of ASCII, as SQL writes them; the parser knows no others."""


def upgrade() -> None:
    """Make the index anew, which rewrites the table once."""
    if op.get_bind().dialect.name != "postgresql":
        return
    title, text = (
        f"to_tsvector('simple', translate(left({name}, {most}), '{SIGNS}', repeat(' ', 32)))"
        for name, most in (("title", 2000), ("text", 200000))
    )
    op.execute("ALTER TABLE articles DROP COLUMN search")
    op.execute(
        "ALTER TABLE articles ADD COLUMN search tsvector GENERATED ALWAYS AS ("
        f"setweight({title}, 'A') || setweight({text}, 'B')) STORED"
    )
    op.execute("CREATE INDEX ix_articles_search ON articles USING gin (search)")
