"""The door in: one polite, safe HTTP client; nothing goes around it."""
