"""Defence news for people whose job is to miss nothing."""
