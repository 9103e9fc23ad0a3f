"""How much of a document is read: what lies beyond is left out, and the document says so."""

from __future__ import annotations

from typing import Final

MAX_ENTRIES: Final = 5_000
MAX_FIELD: Final = 1_000_000
"""Characters of one text field."""
MAX_SHORT_FIELD: Final = 2_000
"""Characters of a title, an author, a category, an address."""
MAX_LIST: Final = 100
"""Authors, categories, enclosures of one entry."""
MAX_DEPTH: Final = 200
MAX_ATTRIBUTES: Final = 500
"""Attributes of one element."""
MAX_NAMESPACES: Final = 200
MAX_TAG: Final = 100_000
"""Characters of one tag."""
MAX_ENTITY_TEXT: Final = 100_000
"""Characters that a document's own entities may add to it in all."""
MAX_LOOSE: Final = 2_000_000
"""Characters of a document that is no XML: reading such text is slow."""
