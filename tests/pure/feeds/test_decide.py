"""What an answer means: which entries are new, what is kept, what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.polls import HOUR, NOW, URL, after, document, entry, known, polling, response

from monitor.errors import InputError
from monitor.feeds.decide import body_hash
from monitor.feeds.identity import keyed
from monitor.model import FailureKind, FetchFailed, OutcomeKind, Validators

KEPT = Validators(URL, b'"old"', b"old date")


# ------------------------------------------------------------------------- validators


@pytest.mark.parametrize("found", [InputError("broken"), document(complete=False)])
def test_p08_validators_are_kept_when_the_body_was_not_read(found: object) -> None:
    """A new ETag on a body that could not be read is not believed."""
    decision = after(polling(validators=KEPT), response(etag='"new"'), found)
    assert decision.outcome.kind is OutcomeKind.FAILED
    assert decision.polling.validators == KEPT


def test_p08_a_cut_body_gives_its_entries_and_keeps_the_old_validators() -> None:
    """Complete entries are taken; the next request still asks for the whole document."""
    found = document(entry("a"), complete=False, problems=("broken XML",))
    decision = after(polling(validators=KEPT, body_hash="h"), response(etag='"new"'), found)
    assert [one.key for one in decision.new] == ["a"]
    assert decision.polling.validators == KEPT
    assert decision.polling.body_hash == "h"
    assert decision.outcome.why == "broken XML"


def test_p09_a_newer_200_without_validators_clears_them() -> None:
    """A 200 without validators means that the server no longer offers them."""
    decision = after(polling(validators=KEPT), response(), document(entry("a")))
    assert decision.polling.validators == Validators(URL)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"etag": "N"}, Validators(URL, b"N", b"old date")),
        ({"last_modified": "N"}, Validators(URL, b'"old"', b"N")),
        ({}, KEPT),
    ],
)
def test_p10_a_304_refreshes_and_never_erases(
    headers: dict[str, str], expected: Validators
) -> None:
    """A 304 replaces each validator that it states, and keeps the others."""
    decision = after(polling(validators=KEPT), response(304, b"", **headers))
    assert decision.polling.validators == expected


def test_p11_a_304_is_a_success() -> None:
    """A 304 ends failures, moves the time of the last success, and touches no entry."""
    before = polling(validators=KEPT, failures=3, failing_since=NOW - HOUR)
    decision = after(before, response(304, b"a body that does not count"))
    assert decision.outcome.kind is OutcomeKind.NOT_MODIFIED
    state = decision.polling
    assert (state.failures, state.failing_since, state.last_success) == (0, None, NOW)
    assert (decision.new, decision.revised) == ((), ())


def test_p11_a_304_that_nobody_asked_for_is_no_success() -> None:
    """A feed that was never read cannot be unmodified."""
    assert after(polling(), response(304)).outcome.kind is OutcomeKind.FAILED


@pytest.mark.parametrize(
    "answer",
    [
        response(500),
        response(404),
        FetchFailed(kind=FailureKind.TIMEOUT, why="60 s"),
        FetchFailed(kind=FailureKind.DNS, why="no such name"),
    ],
)
def test_p12_errors_do_not_forget(answer: object) -> None:
    """After an error the next request is conditional, and the same bytes still need no parse."""
    before = polling(validators=KEPT, body_hash="h")
    decision = after(before, answer)
    assert decision.outcome.kind is OutcomeKind.FAILED
    assert decision.polling.validators == KEPT
    assert decision.polling.body_hash == "h"
    assert (decision.polling.failures, decision.polling.failing_since) == (1, NOW)


def test_p14_the_same_bytes_are_unchanged_and_slow_the_pace() -> None:
    """A server that ignores conditions and repeats the body is asked less and less."""
    state = after(polling(), response(), document(entry("a"))).polling
    assert state.body_hash == body_hash(b"<rss/>")
    waits = []
    for _ in range(3):
        decision = after(state, response(), None)
        assert (decision.outcome.kind, decision.new) == (OutcomeKind.UNCHANGED, ())
        assert decision.due
        waits.append(decision.due - NOW)
        state = decision.polling
    assert waits == sorted(waits)
    assert waits[2] > waits[0]


@pytest.mark.parametrize("status", [204, 205, 206, 226, 300, 301, 418, 999])
def test_p94_other_statuses_have_an_outcome_and_store_nothing(status: int) -> None:
    """An answer with another status fails with its reason, whatever its body holds."""
    decision = after(polling(), response(status), document(entry("a")))
    assert (decision.outcome.kind, decision.new) == (OutcomeKind.FAILED, ())
    assert str(status) in decision.outcome.why
    assert decision.due


def test_p94_a_203_is_read_like_a_200() -> None:
    """A proxy that changed the answer still brought the feed."""
    assert len(after(polling(), response(203), document(entry("a"))).new) == 1


def test_a_pause_is_no_failure_of_the_feed() -> None:
    """Nothing was sent, so no failure is counted, and the feed is not due before the pause ends."""
    pause = FetchFailed(kind=FailureKind.PAUSED, why="429 on this host", retry_at=NOW + 3 * HOUR)
    decision = after(polling(failures=1), pause)
    assert decision.polling.failures == 1
    assert decision.due
    assert decision.due >= NOW + 3 * HOUR
    assert "429 on this host" in decision.due_why


# ---------------------------------------------------------------------------- entries


def test_new_revised_and_known_entries_are_told_apart() -> None:
    """A change of title or text is a revision; a change of the link alone is none."""
    old, edited, relinked = entry("a"), entry("b"), entry("c")
    found = document(
        old,
        replace(edited, summary_html="Corrected"),
        replace(relinked, link="https://feed.test/c?utm_source=rss"),
        entry("d"),
    )
    decision = after(polling(), response(), found, known(old, edited, relinked))
    assert [one.key for one in decision.new] == ["d"]
    assert [one.key for one in decision.revised] == ["b"]
    assert (decision.outcome.seen, decision.outcome.new, decision.outcome.revised) == (4, 1, 1)


def test_new_ids_for_the_same_entries_bring_nothing_new() -> None:
    """If ids change at every request, the link and the title identify the entry."""
    stored = [entry("a"), entry("b")]
    found = document(*(replace(one, key=f"{one.id}#2", id=f"{one.id}#2") for one in stored))
    decision = after(polling(), response(), found, known(*stored))
    assert (decision.new, decision.revised) == ((), ())
    assert decision.outcome.kind is OutcomeKind.UNCHANGED


def test_a_new_id_with_a_changed_text_is_a_revision_of_the_stored_entry() -> None:
    """The revision is stored under the key that the entry had."""
    found = document(replace(entry("a"), key="a#2", id="a#2", summary_html="Corrected"))
    decision = after(polling(), response(), found, known(entry("a")))
    assert [one.key for one in decision.revised] == ["a"]


def test_two_entries_on_one_link_stay_two_while_both_ids_are_stated() -> None:
    """On a daily page with one address and title, a new id beside the old one is a new entry."""
    first = entry("mon", link="https://feed.test/contracts", title="Contracts")
    second = entry("tue", link=first.link, title="Contracts")
    decision = after(polling(), response(), document(second, first), known(first))
    assert [one.key for one in decision.new] == ["tue"]


def test_one_id_for_all_entries_loses_none() -> None:
    """Entries with one id have distinct keys, whatever their order, and in all documents."""
    items = [entry(name, key="same", id="same") for name in ("a", "b", "c")]
    first = document(*keyed(items))
    assert len({one.key for one in first.entries}) == 3
    assert {one.key for one in keyed(reversed(items))} == {one.key for one in first.entries}
    decision = after(polling(), response(), first)
    assert len(decision.new) == 3
    again = after(polling(), response(), document(*keyed([items[1]])), known(*decision.new))
    assert (again.new, again.revised) == ((), ())


def test_a_reused_id_brings_a_new_entry() -> None:
    """If a feed reuses its id, another link, title and text show that the entry is new."""
    stored = entry("a", key="same", id="same")
    fresh = entry("b", key="same", id="same")
    decision = after(polling(), response(), document(fresh), known(stored))
    assert len(decision.new) == 1
    assert decision.new[0].key != "same"
    again = after(polling(), response(), document(fresh), known(stored, decision.new[0]))
    assert (again.new, again.revised) == ((), ())


def test_an_entry_under_a_reused_id_is_known_again_when_it_says_something_else() -> None:
    """Such an entry is stored under id and link; the first holder of the id is left alone."""
    stored, fresh = entry("a", key="same", id="same"), entry("b", key="same", id="same")
    second = after(polling(), response(), document(fresh), known(stored)).new[0]
    changed = replace(fresh, title="Another title", summary_html="Another text")
    decision = after(polling(), response(), document(changed), known(stored, second))
    assert decision.new == ()
    assert [one.key for one in decision.revised] == [second.key]


@pytest.mark.parametrize("silent", [{"title": ""}, {"summary_html": ""}])
def test_entries_that_say_nothing_do_not_say_the_same(silent: dict[str, str]) -> None:
    """Without titles, or without texts, a new id on the same link is a new entry."""
    first = entry("a", link="https://feed.test/", **silent)
    second = entry("b", link="https://feed.test/", **silent)
    decision = after(polling(), response(), document(second), known(first))
    assert [one.key for one in decision.new] == ["b"]


def test_an_entry_that_is_stated_without_words_revises_nothing() -> None:
    """A report that left the news sitemap is still in the one of all pages, without its title."""
    held = entry("a", summary_html="")
    bare = replace(held, title="")
    state = polling(last_success=NOW - HOUR)
    assert after(state, response(), document(bare), known(held)).revised == ()
    titled = after(state, response(), document(held), known(bare)).revised
    assert [one.title for one in titled] == [held.title]


def test_an_entry_stated_twice_is_one_entry_in_its_newest_state() -> None:
    """The statement with the newest date counts, whatever the order."""
    old = entry("a", updated=NOW - HOUR, summary_html="Old")
    new = entry("a", updated=NOW, summary_html="New")
    for pair in ([old, new], [new, old]):
        decision = after(polling(), response(), document(*keyed(pair)))
        assert [one.summary_html for one in decision.new] == ["New"]


def test_the_usual_gap_and_the_newest_entry_are_kept() -> None:
    """A date in the future does not make a feed look alive for ever."""
    before = polling(last_success=NOW - 4 * HOUR)
    found = document(entry("a"), entry("b", published=NOW + timedelta(days=900)))
    state = after(before, response(), found).polling
    assert state.gap == 2 * HOUR
    assert state.newest == NOW
