"""Which articles repeat a text, which tell the same event, and which of them leads."""
