"""Limits of what is read: what exceeds one is left out and reported, or the document is refused."""

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
MAX_ELEMENTS: Final = 500_000
"""Elements of an XML document, or objects and lists of a JSON document."""
MAX_ENTRY_ELEMENTS: Final = 10_000
"""Elements of one entry, or around the entries, that are all read; of those after them, only the
first of each name. feedparser takes some 50 microseconds for each."""
MAX_READ_ELEMENTS: Final = 200_000
"""Elements of a document after which an entry has only `FEW_ELEMENTS` that are all read: 5,000
entries of a usual kind have 60,000, and more would keep a core busy for too long."""
FEW_ELEMENTS: Final = 20
MAX_NAMES: Final = 1_000
"""Distinct names of elements in such an entry; beyond the limit, no further name is read."""
MAX_CATEGORIES: Final = 1_000
"""Categories of one item; with more, the document is refused: feedparser compares each to each."""
MAX_KEYWORDS: Final = 20_000
"""Characters of one list of keywords; with more, it is refused for the same reason."""
MAX_NAMESPACES: Final = 200
MAX_TAG: Final = 100_000
"""Characters of one tag."""
MAX_ENTITY_TEXT: Final = 100_000
"""Characters that a document's own entities may add to it in all."""
MAX_BARE: Final = 300_000
"""References, bare ampersands and bare "<" of a document that are mended one by one."""
MAX_LOOSE: Final = 2_000_000
"""Characters read of broken XML or of HTML: their parsers are slow."""
MAX_LOOSE_TAGS: Final = 100_000
"""Likewise tags of it; 5,000 entries of a usual kind have 60,000."""
MAX_UNPACKED: Final = 10_000_000
"""Bytes of a gzip file when unpacked; the protocol allows 50 MB, but news sitemaps are small."""
MAX_FOLLOWED: Final = 5
"""Sitemaps of one index that are read in one poll."""
