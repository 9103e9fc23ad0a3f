"""The runners, which drive the steps: `inline` (commands, tests), `daemon`, `queue` (workers)."""
