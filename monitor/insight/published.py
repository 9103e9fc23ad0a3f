"""What the domain of our mail publishes about who may send it.

Sources: RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC). Receivers ask the same questions. Our
mail has one sender: the From address is also the envelope's, so a server that SPF covers is
aligned for DMARC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.insight.doctor import Check, Verdict
from monitor.model import Records

_SPF = re.compile(r"v=spf1( |$)", re.IGNORECASE)
_DMARC = re.compile(r"v=DMARC1\s*(;|$)", re.IGNORECASE)
_NOBODY = {"v=spf1", "-all"}
_SHOWN = 80
"""The most characters of a record that a line shows."""


def names(domain: str) -> list[str]:
    """Return the names to ask about a domain; `checks` takes the answers by these names.

    A domain without a DMARC record falls under that of a domain above it. Which one counts depends
    on a list of public suffixes; here the nearest domain with a record is used.
    """
    return [domain, _keys(domain), *_policies(domain)]


def checks(domain: str, answers: Mapping[str, Records]) -> list[Check]:
    """Check SPF, DKIM and DMARC of a domain, given the TXT records of `names(domain)`."""
    return [
        _spf(domain, answers[domain]),
        _dkim(domain, answers[_keys(domain)]),
        _dmarc(domain, {name: answers[name] for name in _policies(domain)}),
    ]


def _keys(domain: str) -> str:
    return f"_domainkey.{domain}"


def _policies(domain: str) -> list[str]:
    labels = domain.split(".")
    return [f"_dmarc.{'.'.join(labels[start:])}" for start in range(len(labels) - 1)]


def _spf(domain: str, answer: Records) -> Check:
    found = [text for text in answer.texts if _SPF.match(text)]
    if answer.trouble:
        return _unknown("spf", answer.trouble)
    if not found:
        todo = "publish one (v=spf1 ...) that names the server of [channels.email]"
        return Check("spf", Verdict.DOUBTFUL, f"{domain} has no SPF record", todo)
    if len(found) > 1:
        told = f"{domain} has {len(found)} SPF records, so that none counts"
        return Check("spf", Verdict.DOUBTFUL, told, "make one of them")
    if set(found[0].lower().split()) == _NOBODY:
        told = f"{domain} says that it sends no mail ({found[0]})"
        return Check("spf", Verdict.DOUBTFUL, told, "name the server of [channels.email] in it")
    return Check(
        "spf", Verdict.FINE, _cut(found[0]), "does it cover the server of [channels.email]?"
    )


def _dkim(domain: str, answer: Records) -> Check:
    """Look for keys: only the signer knows the selectors they stand under, but absence shows.

    A name that does not exist has no names below it (RFC 8020).
    """
    if answer.trouble:
        return _unknown("dkim", answer.trouble)
    if not answer.exists:
        todo = "have the server of [channels.email] sign for this domain, and publish its key"
        return Check("dkim", Verdict.DOUBTFUL, f"{domain} has no DKIM key", todo)
    told = f"{domain} has keys; which one signs our mail only its server knows"
    return Check("dkim", Verdict.FINE, told)


def _dmarc(domain: str, answers: Mapping[str, Records]) -> Check:
    for name, answer in answers.items():
        if answer.trouble:
            return _unknown("dmarc", answer.trouble)
        found = [text for text in answer.texts if _DMARC.match(text)]
        if len(found) > 1:
            told = f"{name} has {len(found)} DMARC records, so that none counts"
            return Check("dmarc", Verdict.DOUBTFUL, told, "leave one of them")
        if found:
            return Check("dmarc", Verdict.FINE, f"{_cut(found[0])} ({name})")
    told = f"{domain} has no DMARC record"
    todo = f"publish one at _dmarc.{domain}; v=DMARC1; p=none is enough for a beginning"
    return Check("dmarc", Verdict.DOUBTFUL, told, todo)


def _unknown(name: str, trouble: str) -> Check:
    todo = "is another name server to be set up on this machine?"
    return Check(name, Verdict.DOUBTFUL, f"not known: {trouble}", todo)


def _cut(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
