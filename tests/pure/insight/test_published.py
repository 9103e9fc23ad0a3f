"""The doctor's lines on what the domain of our mail publishes of its senders."""

from __future__ import annotations

import pytest

from monitor.insight import published
from monitor.insight.doctor import Check, Verdict
from monitor.model import Records

DOMAIN = "news.harbour.eu"
SPF = "v=spf1 mx -all"
NOTHING = Records(exists=False)


def told(**answers: Records) -> dict[str, Check]:
    """The checks, where `own`, `keys`, `near` and `above` are what was found at each name."""
    names = dict(zip(("own", "keys", "near", "above"), published.names(DOMAIN), strict=True))
    found = {name: answers.get(short, NOTHING) for short, name in names.items()}
    return {check.name: check for check in published.checks(DOMAIN, found)}


def test_D13_what_is_asked_for() -> None:
    """The names are of the domain, its keys, and policies there and above, but no top level."""
    assert published.names(DOMAIN) == [
        "news.harbour.eu",
        "_domainkey.news.harbour.eu",
        "_dmarc.news.harbour.eu",
        "_dmarc.harbour.eu",
    ]


def test_D13_what_is_published_is_fine() -> None:
    """The lines do not claim that the records cover the server, which is not known."""
    checks = told(
        own=Records(("other", SPF)), keys=Records(), above=Records(("v=DMARC1; p=reject",))
    )
    assert {check.verdict for check in checks.values()} == {Verdict.FINE}
    assert checks["spf"].found == SPF
    assert checks["dmarc"].found == "v=DMARC1; p=reject (_dmarc.harbour.eu)"
    assert "only its server knows" in checks["dkim"].found


def test_D13_what_is_missing_is_told_with_what_to_do() -> None:
    checks = told()
    assert {check.verdict for check in checks.values()} == {Verdict.DOUBTFUL}
    assert [check.found.partition(" has no ")[2] for check in checks.values()] == [
        "SPF record",
        "DKIM key",
        "DMARC record",
    ]
    assert all(check.todo for check in checks.values())


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ((SPF, "v=spf1 a ~all"), "2 SPF records, so that none counts"),
        (("v=spf1 -all",), "says that it sends no mail"),
        (("v=spf10 a",), "has no SPF record"),
        (("V=SPF1",), "V=SPF1"),
    ],
)
def test_D13_records_of_spf(texts: tuple[str, ...], words: str) -> None:
    """RFC 7208 §4.5: the version ends with a space or the record; more than one is an error."""
    assert words in told(own=Records(texts))["spf"].found


def test_D13_the_nearest_policy_counts_and_silence_is_not_taken_for_absence() -> None:
    silent = Records(trouble="no name server answers")
    checks = told(near=Records(("v=DMARC1;p=none",)), above=silent, keys=silent)
    assert checks["dmarc"].verdict is Verdict.FINE
    assert checks["dkim"].found == "not known: no name server answers"
    assert told(near=silent, above=Records(("v=DMARC1",)))["dmarc"].verdict is Verdict.DOUBTFUL


def test_D13_of_two_policies_none_counts() -> None:
    """RFC 7489 §6.6.3: none of several counts, and no domain above is asked then."""
    two = Records(("v=DMARC1; p=none", "v=DMARC1; p=reject", "other"))
    found = told(near=two, above=Records(("v=DMARC1",)))["dmarc"]
    assert found.verdict is Verdict.DOUBTFUL
    assert found.found == "_dmarc.news.harbour.eu has 2 DMARC records, so that none counts"


def test_D13_a_long_or_odd_record_is_shown_as_one_short_line() -> None:
    found = told(own=Records((f"v=spf1 \x1b[31m{'include:x.example ' * 20}",)))["spf"].found
    assert len(found) == 80
    assert found.isprintable()
