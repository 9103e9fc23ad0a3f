"""Feeds: what to request, how to read the answer, when to poll again.

One file per feed kind (`rss`, `jsonfeed`), each with `parse(body, content_type, url) -> Document`.
Nothing here touches the world: bytes and times come in, values go out.
"""
