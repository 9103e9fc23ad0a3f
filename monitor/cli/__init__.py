"""The command line: one file per noun. Commands import the rooms they need when they run."""
