"""The door in: one polite, safe HTTP client; nothing goes around it."""

from monitor.fetch.address import redact

__all__ = ["redact"]
