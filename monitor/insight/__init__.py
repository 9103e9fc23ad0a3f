"""What the record and the world say, in words: the doctor's verdicts, the way of an entry. Pure."""
