"""The language of a text, offline."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

SAMPLE_CHARS = 2_000
MIN_LETTERS = 20
SURE = 0.7
"""Below this probability the answer is "unsure"."""
_LETTERS = re.compile(r"[^\W\d_]")


def detect(text: str) -> str:
    """ISO 639-1 code of the language a text is written in; empty when unsure or too short."""
    sample = text[:SAMPLE_CHARS]
    if len(_LETTERS.findall(sample)) < MIN_LETTERS:
        return ""
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= SURE else ""


@cache
def _identifier() -> Any:
    # Imported here: numpy and the model take 0.3 s, which other commands should not pay.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
