"""Assertions on what a client brought back."""

from __future__ import annotations

from monitor.model import FailureKind, FetchFailed, Response


def good(answer: Response | FetchFailed) -> Response:
    """Assert that the answer is a response, and return it."""
    assert isinstance(answer, Response), answer
    return answer


def failed(answer: Response | FetchFailed, kind: FailureKind) -> FetchFailed:
    """Assert that the answer is a failure of this kind, and return it."""
    assert isinstance(answer, FetchFailed), answer
    assert answer.kind is kind, answer
    return answer
