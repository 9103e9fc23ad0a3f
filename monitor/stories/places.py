"""Names of places that tell two similar events apart: the form as written -> the place meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COUNTRIES = """
afghanistan afghan afghans kabul
albania albanian tirana
algeria algerian algiers
angola angolan luanda
argentina argentine argentinian buenos-aires
armenia armenian yerevan
australia australian australians canberra
austria austrian vienna
azerbaijan azerbaijani azeri baku
bahrain bahraini manama
bangladesh bangladeshi dhaka
belarus belarusian minsk
belgium belgian
bosnia bosnian sarajevo
brazil brazilian brasilia
bulgaria bulgarian bulgarians sofia
burkina-faso burkinabe ouagadougou
cambodia cambodian phnom-penh
cameroon cameroonian yaounde
canada canadian canadians ottawa
chad chadian ndjamena
chile chilean
china chinese beijing
colombia colombian bogota
congo congolese kinshasa goma
croatia croatian zagreb
cuba cuban havana
cyprus cypriot nicosia
czechia czech czechs prague czech-republic
denmark danish danes copenhagen
djibouti djiboutian
ecuador ecuadorian quito
egypt egyptian egyptians cairo
eritrea eritrean asmara
estonia estonian estonians tallinn
ethiopia ethiopian addis-ababa
finland finnish finns helsinki
france french paris
georgia georgian tbilisi
germany german germans berlin
ghana ghanaian accra
greece greek greeks athens
greenland
haiti haitian port-au-prince
hungary hungarian hungarians budapest
iceland icelandic reykjavik
india indian indians new-delhi delhi
indonesia indonesian jakarta
iran iranian iranians tehran
iraq iraqi iraqis baghdad
ireland irish dublin
israel israeli israelis jerusalem tel-aviv
italy italian italians rome
ivory-coast ivorian
japan japanese tokyo
jordan jordanian amman
kazakhstan kazakh astana
kenya kenyan nairobi
kosovo kosovar pristina
kuwait kuwaiti
latvia latvian latvians riga
lebanon lebanese beirut
libya libyan tripoli
lithuania lithuanian lithuanians vilnius
malaysia malaysian kuala-lumpur
mali malian bamako
malta maltese
mexico mexican mexicans
moldova moldovan chisinau
mongolia mongolian
montenegro montenegrin podgorica
morocco moroccan rabat
mozambique mozambican maputo
myanmar burmese naypyidaw
nepal nepali
netherlands dutch the-hague
new-zealand wellington
niger nigerien niamey
nigeria nigerian abuja
north-korea pyongyang north-korean
north-macedonia macedonian skopje
norway norwegian norwegians oslo
oman omani muscat
pakistan pakistani islamabad
palau palauan
papua-new-guinea port-moresby
peru peruvian lima
philippines philippine filipino filipinos manila
poland polish poles warsaw
portugal portuguese lisbon
qatar qatari doha
romania romanian romanians bucharest
russia russian russians moscow kremlin
rwanda rwandan kigali
saudi-arabia saudi saudis riyadh
senegal senegalese dakar
serbia serbian serbs belgrade
singapore singaporean
slovakia slovak slovaks bratislava
slovenia slovenian ljubljana
somalia somali mogadishu
south-africa south-african pretoria
south-korea seoul south-korean
south-sudan juba
spain spanish madrid
sri-lanka colombo sri-lankan
sudan sudanese khartoum
sweden swedish swedes stockholm
switzerland swiss bern
syria syrian syrians damascus
taiwan taiwanese taipei
tajikistan tajik dushanbe
thailand thai bangkok
tunisia tunisian tunis
turkey turkish turks turkiye türkiye ankara
uganda ugandan kampala
ukraine ukrainian ukrainians
united-arab-emirates emirati uae abu-dhabi
united-kingdom british britain uk london
united-states american americans us u.s. washington pentagon
uzbekistan uzbek tashkent
venezuela venezuelan caracas
vietnam vietnamese hanoi
yemen yemeni houthi houthis sanaa
zambia zambian
zimbabwe zimbabwean harare
"""
"""Countries, with their peoples and capitals."""

_RARELY_NAMED = """
benin beninese porto-novo cotonou
bhutan bhutanese thimphu
bolivia bolivian
botswana gaborone
brunei bruneian
burundi burundian bujumbura
cape-verde
central-african-republic bangui
comoros
costa-rica costa-rican
dominican-republic santo-domingo
el-salvador salvadoran
equatorial-guinea malabo
eswatini
fiji fijian suva
gabon gabonese libreville
gambia gambian banjul
guatemala guatemalan
guinea guinean conakry
guinea-bissau bissau
guyana guyanese
honduras honduran tegucigalpa
jamaica jamaican
kiribati
kyrgyzstan kyrgyz bishkek
laos laotian vientiane
lesotho
liberia liberian monrovia
luxembourg
madagascar malagasy antananarivo
malawi malawian lilongwe
maldives maldivian
marshall-islands
mauritania mauritanian nouakchott
mauritius mauritian
namibia namibian windhoek
nicaragua nicaraguan managua
panama panamanian
paraguay paraguayan
seychelles
sierra-leone freetown
solomon-islands honiara
suriname
tanzania tanzanian dodoma dar-es-salaam
timor-leste east-timor dili
togo togolese lome lomé
tonga tongan
trinidad trinidad-and-tobago
turkmenistan turkmen ashgabat
uruguay uruguayan montevideo
vanuatu
"""
"""Countries whose name says as much of an event as a town's does, so seldom is it in the news."""

_BY_COUNTRY = """
australia: darwin perth adelaide
bulgaria: varna
china: shanghai guangzhou shenzhen hainan
denmark: odense
egypt: sinai
france: marseille toulon
germany: munich ramstein hamburg
gibraltar: gibraltar
gaza: gaza/gazan rafah khan-younis/khan-yunis deir-al-balah
west bank: west-bank jenin nablus hebron
india: mumbai srinagar
indonesia: batam surabaya
iran: isfahan natanz fordow bushehr bandar-abbas
iraq: mosul basra kirkuk erbil
israel: haifa
italy: naples
japan: okinawa osaka yokosuka sasebo hiroshima nagasaki
lebanon: tyre sidon baalbek
libya: benghazi
malaysia: penang
north korea: wonsan sinpo
norway: narvik svalbard
pakistan: karachi lahore peshawar quetta
afghanistan: kandahar
philippines: palawan subic cebu davao
poland: gdansk rzeszow
romania: constanta
russia: kursk belgorod bryansk voronezh rostov st-petersburg/saint-petersburg kaliningrad murmansk
russia: novorossiysk tuapse taganrog sochi krasnodar saratov engels samara syzran ryazan tula tver
russia: smolensk volgograd astrakhan kazan izhevsk ufa perm yelabuga severodvinsk ust-luga primorsk
russia: vladivostok grozny makhachkala
south korea: busan pyeongtaek incheon
spain: barcelona rota
sudan: el-fasher port-sudan omdurman nyala
sweden: kiruna
syria: aleppo homs idlib palmyra deir-ez-zor latakia tartus raqqa
taiwan: kaohsiung kinmen
turkey: istanbul izmir incirlik
ukraine: kyiv/kiev kharkiv/kharkov odesa/odessa lviv dnipro zaporizhzhia kherson mykolaiv sumy
ukraine: chernihiv poltava vinnytsia kryvyi-rih kramatorsk pokrovsk bakhmut avdiivka mariupol
ukraine: sevastopol crimea/crimean donetsk luhansk feodosia kerch izmail chasiv-yar/chasiv
ukraine: kupiansk/kupyansk vovchansk toretsk kostiantynivka sloviansk/slovyansk melitopol
ukraine: berdiansk/berdyansk enerhodar chernivtsi ternopil rivne lutsk uzhhorod ivano-frankivsk
ukraine: khmelnytskyi zhytomyr cherkasy
united states: guam hawaii alaska norfolk san-diego pearl-harbor
united kingdom: diego-garcia
vietnam: danang/da-nang cam-ranh
yemen: hodeidah aden mukalla
"""
"""Towns by the country they are in or are most often mentioned with."""


def _spelled(name: str) -> str:
    return name.replace("-", " ")


def _towns() -> Iterator[tuple[str, str, str]]:
    """Each form of a town's name, the town, and its country."""
    for line in _BY_COUNTRY.strip().splitlines():
        country, _, names = line.partition(":")
        for name in names.split():
            for form in name.split("/"):
                yield _spelled(form), _spelled(name.split("/")[0]), country


def _countries(listed: str) -> dict[str, str]:
    """Each form of a country's name, and the country."""
    lines = [line.split() for line in listed.strip().splitlines()]
    return {_spelled(form): _spelled(forms[0]) for forms in lines for form in forms}


COUNTRY_OF = _countries(_COUNTRIES)
"""Without those that are rarely named."""
PLACE_OF = COUNTRY_OF | _countries(_RARELY_NAMED) | {form: town for form, town, _ in _towns()}
LIES_IN = {town: country for _, town, country in _towns()}
"""The country of each town."""

_PEOPLE = re.compile(
    r"(?:an|ese|ish|[bdhilmnqrst]i|nch|ech|reek|utch|wiss|thai|vak|jik|bek|akh|ic|iot)$"
)
_TOWNS = frozenset(("yerevan", "tbilisi", "tehran", "amman", "nairobi", "tripoli", "delhi"))
_TOWNS |= frozenset(("new delhi", "abu dhabi", "kigali", "czech republic"))
_QUALITIES = frozenset(
    form for form, place in PLACE_OF.items() if form != place and _PEOPLE.search(form)
).difference(_TOWNS)
"""Forms that say whose something is: Polish, Israeli, Dutch."""

LAND_OF_PEOPLE = {
    form: PLACE_OF[form]
    for form in sorted(_QUALITIES)
    if " " not in form + PLACE_OF[form] and form != "houthi"  # a movement, not a people
}
"""The word for a people -> that for its land, where both are one word: polish, poland."""

_FLAGS = frozenset(("flagged", "registered"))
"""After a place and a hyphen: where a ship's papers are from, which is no part of the event."""
_SIDES = frozenset(("aligned", "backed", "based", "born", "built", "funded", "led", "linked"))
_SIDES |= frozenset(("made", "operated", "owned", "supported"))
"""After a place and a hyphen: with it a quality of what follows, as in "Iran-backed group"."""
_WATERS = frozenset(("bay", "gulf", "sea", "strait", "straits"))
"""Before "of" and a place: a water, on which several countries lie."""
_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*\.?")
_LONGEST = max(form.count(" ") + 1 for form in PLACE_OF)
_FIRST = frozenset(form.split()[0].rstrip(".") for form in PLACE_OF)
"""First words of all forms: a quick look that most capitalised words do not pass."""


def places(text: str) -> frozenset[str]:
    """The places that a text names, by name, people or capital."""
    return frozenset(place for place, _, _ in _named(text))


def sites(text: str) -> frozenset[str]:
    """Those at which something may have happened: not a ship's flag, nor a gulf's name."""
    return frozenset(place for place, _, site in _named(text) if site)


def said_of(text: str) -> dict[str, frozenset[str]]:
    """Places named only as an attribute or an owner, each with the words that they qualify.

    "Japan's seat" gives {"japan": {"seat", ...}} and claims no event in Japan. Two words after the
    place are given, in lower case: "Polish Patriot sale" speaks of a Patriot and of a sale.
    """
    found: dict[str, frozenset[str]] = {}
    plain = set()
    for place, said, _ in _named(text):
        found[place] = found.get(place, frozenset()) | said
        if not said:
            plain.add(place)
    return {place: said for place, said in sorted(found.items()) if place not in plain}


def _named(text: str) -> list[tuple[str, frozenset[str], bool]]:
    """Each place named; if it is an attribute or an owner, the words that it qualifies; and whether
    something may have happened there."""
    words = _WORD.findall(text)
    found = []
    after = 0
    for at in [at for at, word in enumerate(words) if not word[0].islower()]:
        place, length = _place(words[at : at + _LONGEST]) if at >= after else ("", 0)
        if place:
            after = at + length
            form = " ".join(words[at:after]).lower()
            behind = "".join(words[after : after + 1])
            hyphened = behind if f"{words[after - 1]}-{behind}" in text else ""
            quality = form in _QUALITIES
            water = not quality and _is_water(words[max(0, at - 2) : at])
            owner = behind == "s" or hyphened in _SIDES
            said = _qualified(words[after + owner :]) if owner or quality else []
            site = not water and hyphened not in _FLAGS
            found.append((place, frozenset(word.lower() for word in said), site))
    return found


def _qualified(words: list[str]) -> list[str]:
    """What a quality before these words belongs to; in "Italian and Korean radars" so do both."""
    both = words[:1] == ["and"] and words[1:2] and words[1][0].isupper()
    return words[2:4] if both else words[:2]


def _is_water(before: list[str]) -> bool:
    return len(before) == 2 and before[1] == "of" and before[0].lower() in _WATERS


def _place(words: list[str]) -> tuple[str, int]:
    """The place that the first words name, if any, and the number of words in its name."""
    if words[0] == "Us" or words[0].lower().rstrip(".") not in _FIRST:
        return "", 1  # "Us" is the pronoun; nor is a lower-case word a place: "turkey" is the bird
    for length in range(len(words), 0, -1):
        form = " ".join(words[:length]).lower()
        place = PLACE_OF.get(form) or PLACE_OF.get(form.rstrip("."))
        if place:
            return place, length
    return "", 1
