"""The way in: one polite, safe HTTP client that every request goes through."""
