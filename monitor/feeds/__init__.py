"""Feeds: what to ask of a feed, how to read the answer, when to ask again.

One file per feed kind (`rss`, `jsonfeed`), each with `parse(body, content_type, url) -> Document`.
Nothing here touches the world: bytes and times come in, values go out.
"""
