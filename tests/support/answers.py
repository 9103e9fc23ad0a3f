"""Short words for looking at what a client brought back."""

from __future__ import annotations

from monitor.model import FailureKind, FetchFailed, Response


def good(answer: Response | FetchFailed) -> Response:
    """The answer, which must be one."""
    assert isinstance(answer, Response), answer
    return answer


def failed(answer: Response | FetchFailed, kind: FailureKind) -> FetchFailed:
    """The failure, which must be of this kind."""
    assert isinstance(answer, FetchFailed), answer
    assert answer.kind is kind, answer
    return answer
