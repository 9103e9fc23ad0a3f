"""The documents that a feed's own document names, as an index its sitemaps: which are asked, and
what is remembered of each, so that they are asked as politely as the feed itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from monitor.feeds.limits import MAX_ENTRIES
from monitor.feeds.pace import LONGEST_OWN, PaceSettings, next_poll
from monitor.feeds.sitemap import newest
from monitor.feeds.validators import refreshed, stated
from monitor.feeds.waits import fresh_for
from monitor.model import (
    Document,
    FailureKind,
    Feed,
    FetchFailed,
    Followed,
    Outcome,
    OutcomeKind,
    Polling,
    Response,
    Validators,
)

_SLACK: Final = timedelta(days=1)
"""By how much a wait may exceed the longest one, for the jitter."""
_GONE_FOR: Final = timedelta(days=31)
"""How long one is left alone after 410. Nobody can resume it by itself, as a feed can be, and a
document that still names it may be right."""


def remembered(polling: Polling) -> Document | None:
    """The index as it was last read, for when it is unchanged; None: no sitemap need be asked."""
    if all(one.dated and one.whole for one in polling.followed):
        return None
    urls = tuple(one.validators.url for one in polling.followed)
    return Document(kind="sitemap", format="sitemapindex", follow=urls, listed=True)


def places(
    polling: Polling, index: Document, now: datetime, settings: PaceSettings, *, unchanged: bool
) -> Iterator[tuple[Followed, bool]]:
    """What is known of each document that the index names, and whether it is asked now.

    `unchanged`: the index is as it was. Then those are left alone whose changes it would show.
    """
    known = {one.validators.url: one for one in polling.followed}
    changes = index.changes or (None,) * len(index.follow)
    for url, changed in zip(index.follow, changes, strict=True):
        one = known.get(url, Followed(validators=Validators(url)))
        if one.gone and one.not_before is None:  # noted by an older version, without a time
            one = replace(one, not_before=now + _GONE_FOR)
        if not unchanged:
            one = _dated_anew(one, changed, settings)
        waits = _waits(one, now, settings)
        if not unchanged:
            # One that waits may have changed, which the index, as it is now, will not show again.
            one = replace(one, dated=index.complete and not waits)
        seen = unchanged and one.dated and one.whole
        yield one, not (seen or waits)


def _dated_anew(one: Followed, changed: datetime | None, settings: PaceSettings) -> Followed:
    """What is known, with the date of change that the index states now.

    After 410 a new date says that it is back: then the longest wait since the 410 is enough.
    """
    if one.gone and one.not_before and changed and changed != one.changed:
        sooner = one.not_before - _GONE_FOR + settings.longest_wait
        one = replace(one, gone=False, not_before=min(one.not_before, sooner))
    return replace(one, changed=changed)


def _waits(one: Followed, now: datetime, settings: PaceSettings) -> bool:
    """Whether it is too early. A wait over the longest was noted by a clock since put back."""
    until = one.not_before
    longest = _GONE_FOR if one.gone else max(settings.longest_wait, LONGEST_OWN)
    return until is not None and now < until <= now + longest + _SLACK


def learned(
    one: Followed,
    answer: Response | FetchFailed,
    document: Document | None,
    now: datetime,
    settings: PaceSettings,
) -> Followed:
    """What is known after an answer; `document` is what was read of it, None if nothing was."""
    conditional = one.validators.etag is not None or one.validators.last_modified is not None
    read = document is not None or (
        isinstance(answer, Response) and answer.status == 304 and conditional
    )
    if not read or isinstance(answer, FetchFailed):
        return _refused(one, answer, now, settings)
    fresh = min(fresh_for(answer) or timedelta(), settings.longest_wait)
    after = replace(
        one,
        failures=0,
        failing_since=None,
        gone=False,
        not_before=now + fresh if fresh else None,
    )
    url = one.validators.url
    if document is None:
        return replace(after, validators=refreshed(one.validators, answer, url), whole=True)
    if not document.complete:  # its validators would hide what is missing
        return replace(after, whole=False)
    kept = stated(answer, url)
    return replace(after, validators=kept, entries=len(document.entries), whole=True)


def shortened(known: Sequence[Followed], found: Mapping[str, Document]) -> list[Document]:
    """The documents that were read (`found`, by address), each without what was left out before.

    If all of them hold too many, it would else be news as soon as one of them changes.
    """
    excess = sum(one.entries for one in known) - MAX_ENTRIES
    read: list[Document] = []
    for one in known:
        if document := found.get(one.validators.url):
            kept = document.entries
            if (left := min(one.left, excess)) > 0:
                turn = {entry.id: place for place, entry in enumerate(kept)}
                kept = newest(kept, max(len(kept) - left, 0), turn)
            read.append(replace(document, entries=kept))
    return read


def counted(
    known: Sequence[Followed], found: Mapping[str, Document], joined: Document
) -> tuple[Followed, ...]:
    """What is known, with how many entries of each document are not in the joined one."""
    taken = {entry.id for entry in joined.entries}
    left = {
        url: sum(entry.id not in taken for entry in document.entries)
        for url, document in found.items()
    }
    return tuple(replace(one, left=left.get(one.validators.url, one.left)) for one in known)


def _refused(
    one: Followed, answer: Response | FetchFailed, now: datetime, settings: PaceSettings
) -> Followed:
    """As a feed of its own would be, it is asked less and less (P29, P32, P34, P35).

    After 410 (P33) it is left alone for a month, or until the index dates it anew.
    """
    sent = not (isinstance(answer, FetchFailed) and answer.kind is FailureKind.PAUSED)
    failures = one.failures + sent
    since = one.failing_since or (now if sent else None)
    alone = Polling(feed=Feed(url=one.validators.url), failures=failures, failing_since=since)
    status = answer.status if isinstance(answer, Response) else 0
    outcome = Outcome(kind=OutcomeKind.FAILED, status=status)
    due = next_poll(alone, outcome, answer, now, settings).due
    gone = due is None
    until = due or now + _GONE_FOR
    return replace(
        one,
        failures=failures,
        failing_since=since,
        not_before=until,
        gone=gone,
        whole=False,
    )
