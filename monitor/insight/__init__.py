"""What the record and the world say, in words: the doctor's verdicts, an entry's way. Pure."""
