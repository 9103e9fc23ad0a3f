"""What a person may decide about news that was held back."""

from __future__ import annotations

from enum import StrEnum


class News(StrEnum):
    """`--news`: tell it now, or skip it because it was told before."""

    TELL = "tell"
    SKIP = "skip"
