"""Estimate how common a term is: the share of articles that contain it.

Matching does not depend on the estimate being right: a wrong guess costs time, never a match. The
table counts English news; words of other languages are guessed from their length.
"""

from __future__ import annotations

from functools import lru_cache

from monitor.watchlists import normalise
from monitor.watchlists.tree import Term

UNKNOWN = 0.03
"""Share of articles for a word that is not in the table, divided by its length."""
PHRASE = 0.2
"""Factor by which a phrase is rarer than its rarest word."""
PREFIX = 4.0
"""Factor by which a prefix is more common than a word of its length."""

_COMMON = {
    0.5: """
        a about after all also an and are as at be been but by can for from had has have
        he his i if in is it its more new no not obama of on one or other out over people
        president said so some t than that the their there they this time to two up us was
        we were what when which who will with would
    """,
    0.25: """
        according administration against american americans another any back because
        before being between both called come committee congress could country day
        democrats department did do don down during end even first former get go going
        government group here him house how including into john just know last law like
        long made make many may members military most much must national need news next
        now off officials only our own part policy political press public put re
        republican republicans right same say saying says secretary security see senate
        should since state states still story such support take them then these think
        those three through times told top under united very want washington way week well
        where whether while white work world year years you
    """,
    0.12: """
        able across act action added address again agency ago agree air al along already
        america among announced anti around asked associated attack attacks away barack
        based become began behind believe below best better big bill budget bush business
        call calls came campaign care case center chairman change chief clear click
        clinton close cnn comes coming community conference congressional conservative
        continue continued contributed control court current d daily days deal debate
        decision defense democrat democratic despite didn different director does doesn
        doing done each earlier early economic economy effort efforts election enough ever
        every expected face fact family far federal few fight find five force forces
        foreign forward found four fox friday full further future general george getting
        give given good gop got great ground groups hard having health held help her high
        highlights history hold home hours however important information instead
        intelligence international interview involved issue issues job justice keep key
        killed kind known late later latest lawmakers lead leader leaders least led left
        legal less let level life likely line little ll look looking lot m major majority
        making man matter me means media meeting middle might million mitt monday money
        month months morning move mr my nation nearly needs never night nothing number
        office official old once open opposition order others outside party past pay
        percent place plan plans point politics position possible post potential power
        presidential private problem process program programs provide question questions r
        rather real really recent recently reform released rep report reported reporters
        reports response rights role romney run second seen sen senior serious service
        services set several she show side sign six small something south special speech
        spending spokesman start statement stop strong sunday sure system taken taking
        talk tax team term terrorist thing things though threat thursday today too took
        toward try trying tuesday university until use used using ve vote voters wants war
        watch watched weapons wednesday weeks went why within without won working wrote
        yet york your
    """,
}
"""Folded words by the least share of articles that contain them, counted on 2,900 news texts."""
_SHARES = {word: share for share, words in _COMMON.items() for word in words.split()}


@lru_cache(maxsize=2_048)  # the terms of one long query
def share(term: Term) -> float:
    """The share of articles, from 0 to 1, that is likely to contain a word or phrase."""
    words = [piece.text for _, chunk in normalise.chunks(term.text) for piece in chunk.pieces]
    # A part of a compound, read alone, may be no word: the "ʼs" of "ʼs-Hertogenbosch".
    shares = (_SHARES.get(word, UNKNOWN / max(1, len(word) - 2)) for word in words)
    rarest = min(shares, default=UNKNOWN)
    prefix = PREFIX if "*" in term.text else 1.0
    return min(1.0, rarest * prefix * (PHRASE if len(words) > 1 else 1.0))
