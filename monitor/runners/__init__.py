"""Who turns the crank: `inline` (commands, tests), `daemon` (APScheduler)."""
