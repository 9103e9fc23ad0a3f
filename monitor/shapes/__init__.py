"""What is kept, as JSON: the shapes that commands print with --json and that the API answers.

One file per noun, each with its shapes (`TypedDict`s, which the API's document describes) and the
functions that make them, so that no two ways of asking tell the same thing differently.
"""
