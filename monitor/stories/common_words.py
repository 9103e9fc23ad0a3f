"""English words that say nothing about an event: function words, and routine news words."""

_LISTED = """
a about above after again against all almost also although am among an and another any are
around as at away back be because been before being below between both but by came can cannot
can't come could couldn't did didn't do does doesn't doing done don't down during each either
else even ever every few for from further get gets getting go goes going got had hadn't has
hasn't have haven't having he he'll her here hers herself he's him himself his how however i
i'd if i'll i'm in instead into is isn't it its it's itself i've just let like made make makes
making many may me might more most much must my myself near nearly neither never no nor not
now of off often on once one only onto or other others our ours ourselves out over own per
perhaps put rather s same say saying says said she she's should since so some still such t
take takes taking than that that's the their theirs them themselves then there there's these
they they're this those though through thus to together told too toward towards under until up
upon us use used using very via was wasn't we well went were we're what when where whether
which while who whom whose why will with within without won't would wouldn't yet you your
yours yourself
according add added adding ago announced announcement asked called comment comments last
latest new news next read recent recently report reported reportedly reporter reporters
reports source sources spokesman spokesperson spokeswoman statement story today tomorrow
tonight update updated video watch week weeks yesterday
monday tuesday wednesday thursday friday saturday sunday
"""

EMPTY_WORDS = frozenset(_LISTED.split())
