"""What an edition holds and how it reads: schedule, compose, snippets, render (pure)."""
