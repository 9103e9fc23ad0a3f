"""Words and names that occur in many reports of any week, whatever happened in it."""

_LISTED = """
act action administration agency agreement aid aim air america american army attack authority back
ban base battle begin big bill billion biggest call campaign capability case central change chief
china chinese citizen city claim coast command commander committee company concern conflict
congress continue contract cooperation council country court crisis critic cut day deal death
decision defence defense demand democrat department deputy director drone early east eastern
economic effort election end enemy europe european event exercise expect face family federal fight
fire first five fleet force foreign former four full fund future general global government
governor group head help hold home hope house human hundred increase industry international
investigation issue job join joint key kill law lawmaker lead leader leave left level long look
lose major man meet meeting member military million minister ministry missile mission month
morning move nation national nato naval navy night north northern number office officer official
open operation opposition order parliament part partner party past pay peace people person plan
point police policy political power prepare president presidential press pressure prime program
programme project protest public put question raise region remain remark republican request
response right rise role rule russia russian secretary security see senate senator senior serve
service set several ship show side sign situation soldier south southern special speak start state
step strategic strike strong support system talk target team tell term test thousand threat three
time top train training troop trump try turn two ukraine ukrainian unit united visit vote war warn
washington way weapon west western white win woman work world year
"""

EVERYDAY_WORDS = frozenset(_LISTED.split())

_NAMES = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
gmt utc usd eur ceo
africa african america americas arctic asia asian atlantic baltic black europe european gulf indian
indo mediterranean middle northern ocean pacific red sea southeast southern eastern western
alliance association bank code commission conference council declaration federation foundation
institute kingdom ministers nations office organisation organization park party plus republic
school state street summit union university
admiral ambassador capt captain chairman chancellor col colonel dr gen general king lady lord lt
maj major mr mrs ms prince princess prof professor queen rep sen sergeant sir spokesman
afp asean bbc cnn congress eu facebook g7 interfax kremlin nato osce pentagon reuters senate tass
telegram twitter un whatsapp youtube
"""

EVERYDAY_NAMES = frozenset(_NAMES.split())
"""The same for capitalised words."""
