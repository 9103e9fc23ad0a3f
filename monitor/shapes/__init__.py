"""What is kept, as JSON: the shapes that commands print with --json and that the API answers with.

One file per noun, each with its shapes (`TypedDict`s, which the API's document describes) and the
functions that build them, so that both ways of asking get the same answer.
"""
