"""Watchlists: the query language, the matcher, and why something matched or did not. Pure."""
