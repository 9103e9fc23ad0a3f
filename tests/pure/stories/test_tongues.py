"""Reports of one event in several languages come together; look-alikes stay apart.

The texts are made up. `sales-and-attacks`: two sales of one form, two attacks of one night, a
meeting and that of the year before, each in up to seven languages. `week`: events of one week.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Article
from monitor.stories.clash import clash, clash_abroad, facts
from monitor.stories.grouper import Grouper
from monitor.stories.lexicon import PLACES
from monitor.stories.names import names
from monitor.stories.places import PLACE_OF
from monitor.stories.reading import read
from monitor.stories.sounds import sound, sounds_in, sounds_of
from monitor.stories.tongues import alike, places_in, things_in
from monitor.stories.words import spaced

DATA = Path(__file__).parent / "data" / "tongues"
ARRIVAL = datetime(2033, 1, 1, tzinfo=UTC)
AT = {"published": "2033-01-01T08:00:00+00:00"}
ORDERS = ["as told", "reversed", *range(6)]
FOUND = {"sales-and-attacks": 0.9, "week": 0.6}
"""Least share of the pairs of one event, in any order."""


def reports(name: str) -> list[dict[str, Any]]:
    text = (DATA / f"{name}.jsonl").read_text(encoding="utf-8")
    return sorted(map(json.loads, text.splitlines()), key=lambda one: (one["published"], one["id"]))


def in_order(told: list[dict[str, Any]], order: str | int) -> list[dict[str, Any]]:
    if isinstance(order, int):
        return Random(order).sample(told, len(told))
    return told[::-1] if order == "reversed" else told


def article(number: int, one: dict[str, Any]) -> Article:
    return Article(
        id=number,
        title=one["title"],
        text=one["body"],
        language=one["lang"],
        published=datetime.fromisoformat(one["published"]),
        first_seen=ARRIVAL + timedelta(minutes=number),
        source=one["id"],
    )


def grouped(told: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Report -> its story, decided in this order."""
    state, story = Grouper(), {}
    for number, one in enumerate(told, start=1):
        new = article(number, one)
        decided = state.assign(new, ARRIVAL + timedelta(minutes=number))
        story[one["id"]] = decided.story_id or number
        state.restore(new, story[one["id"]], decided.duplicate_of)
    return story


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("order", ORDERS)
def test_look_alikes_in_any_language_stay_apart(name: str, order: str | int) -> None:
    told = reports(name)
    story = grouped(in_order(told, order))
    assert [
        (one["id"], other["id"])
        for one, other in combinations(told, 2)
        if one["event"] != other["event"] and story[one["id"]] == story[other["id"]]
    ] == []


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("order", ORDERS)
def test_reports_of_one_event_in_several_languages_come_together(
    name: str, order: str | int
) -> None:
    told = reports(name)
    story = grouped(in_order(told, order))
    together = [
        story[one["id"]] == story[other["id"]]
        for one, other in combinations(told, 2)
        if one["event"] == other["event"]
    ]
    assert sum(together) / len(together) >= FOUND[name]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "وافقت الولايات المتحدة على بيع صواريخ باتريوت لبولندا"),
        ("de", "USA billigen Verkauf von Patriot-Raketen an Polen"),
        ("ja", "米国、ポーランドへのパトリオット・ミサイル売却を承認"),
        ("ko", "미국, 폴란드에 패트리어트 미사일 판매 승인"),
        ("pl", "USA sprzedadzą Polsce rakiety Patriot; sprzedaż zatwierdzona"),
        ("ru", "США одобрили продажу ракет «Пэтриот» Польше"),
        ("vi", "Mỹ duyệt bán tên lửa Patriot cho Ba Lan, thương vụ lớn"),
        ("zh", "美国批准向波兰出售爱国者导弹"),
    ],
)
def test_places_and_things_are_the_same_in_every_language(language: str, text: str) -> None:
    assert places_in(text, language) == {"poland", "united states"}
    assert things_in(text, language) == {"patriot", "missile", "sale"}


@pytest.mark.parametrize(
    ("language", "text", "thing"),
    [
        ("ar", "انقلاب عسكري", "coup"),
        ("de", "Militärputsch niedergeschlagen", "coup"),
        ("en", "Soldiers seized power", "coup"),
        ("es", "Intento de golpe de Estado", "coup"),
        ("fr", "Un casque bleu blessé", "peacekeeper"),
        ("ja", "領空を越えた", "airspace"),
        ("pl", "Podejrzany o szpiegostwo", "espionage"),
        ("ru", "Взрыв на складе", "explosion"),
        ("tr", "Savunma bütçesi", "military spending"),
        ("uk", "Кібератака на міністерство", "hacking"),
        ("zh", "海盗登船", "pirate"),
    ],
)
def test_what_happened_is_known_in_every_language(language: str, text: str, thing: str) -> None:
    assert thing in things_in(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Es war ein Fernsehabend, und niemand kam"),
        ("sq", "Nga shtëpia në zyrë"),  # "from"; in Vietnamese it is Russia
        ("ar", "يمنع الدخول"),  # "is forbidden" begins like Yemen
        ("ar", "مطاردة في الصحراء"),  # "pursuit" begins like "airport"
        ("ja", "タイプの違うケーブルテレビ"),
        ("pl", "Zupa z turkawki i polana"),
        ("cs", "Oslovil jsem Natana"),
        ("da", "Finnmark"),
        ("de", "Schwere Niederlage; Nathan Engel aus der Niederlassung ist hungrig"),
        ("es", "Francisco y Catarina visitan el municipio; Russell abre una franquicia"),
        ("es", "La Junta de Andalucía"),
        ("es", "Damas; Mosca; sale a las ocho"),
        ("fi", "Ruskea talo; Kassan avain"),
        ("fr", "Tout à coup, trois coups au théâtre"),
        ("fr", "Malaise chez Abd el-Kader, patriotique et municipal; Turquoise; FAS"),
        ("hu", "Irányt vált; Számára magyarázat"),
        ("it", "Gazzetta; Sapore; il bilancio sale; Abd"),
        ("nb", "Finnes det? Nederlag i Finnmark, uavhengig"),
        ("pl", "Węgiel i Włosy; Czesław i Katarzyna; Franciszek"),
        ("pt", "Ministério da Saúde; Vinícius; abordagem do município"),
        ("ru", "Роман Николаевич едет на Кубань; Константин и Литвинов, ученики, патриотизм"),
        ("ru", "Мария Львова-Белова; в Новороссии; Грозное заявление"),
        ("cs", "Vzdušné zámky"),
        ("sv", "Finns det? Nederlag; Ruskigt"),
        ("tr", "Serbest; füzet"),
        ("uk", "Дані про сиріт; Роман Франциско; Ворон"),
    ],
)
def test_a_word_that_only_begins_like_a_place_is_none(language: str, text: str) -> None:
    assert places_in(text, language) == frozenset()
    assert things_in(text, language) == frozenset()


def test_a_town_is_found_in_other_spellings_with_endings() -> None:
    assert places_in("Пожар на Саратовском НПЗ", "ru") == {"saratov"}
    assert places_in("Atak dronów w Saratowie", "pl") == {"saratov"}
    assert "saratov" in places_in("حريق في ساراتوف", "ar")


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("da", "Tjekkiet", "czechia"),
        ("de", "Grosny", "grozny"),
        ("de", "In Engels brennt ein Lager", "engels"),
        ("de", "Natanz", "natanz"),
        ("de", "Niederländische", "netherlands"),
        ("de", "Türkische", "turkey"),
        ("hr", "Slovenija", "slovenia"),
        ("fr", "Damas", "syria"),
        ("it", "Kazan", "kazan"),
        ("it", "Mosca", "russia"),
        ("nl", "Nederlandse", "netherlands"),
        ("pl", "Czeska armia", "czechia"),
        ("ro", "Portul Constanța", "constanta"),
        ("ru", "Аэродром Энгельс-2", "engels"),
        ("ru", "В Воронеже", "voronezh"),
        ("ru", "В Грозном", "grozny"),
        ("ru", "В Измаиле", "izmail"),
        ("ru", "Под Николаевом", "mykolaiv"),
        ("ru", "Под Новороссийском", "novorossiysk"),
        ("ru", "Под Самарой", "samara"),
        ("sv", "Hamburgs hamn", "hamburg"),
        ("tr", "Fas’ta", "morocco"),
        ("uk", "У Данії", "denmark"),
        ("fr", "Des Maliens", "mali"),
        ("ar", "هجوم في مالي", "mali"),
        ("de", "Guinea-Bissau", "guinea bissau"),
        ("ru", "В Того, Бенин", "benin"),
        ("zh", "多哥政变", "togo"),
        ("uk", "У Запоріжжі", "zaporizhzhia"),
    ],
)
def test_a_place_is_found_beside_words_that_begin_like_it(
    language: str, text: str, place: str
) -> None:
    assert places_in(text, language) == {place}


def test_places_of_the_list_are_those_that_are_compared() -> None:
    known = set(PLACE_OF.values()) | {"palestine"}
    assert {line.partition(":")[0] for line in PLACES.strip().splitlines()} <= known | {"-"}


def test_the_seat_of_two_alliances_is_no_place() -> None:
    """What NATO and the EU decide in Brussels is not an event in Belgium, in any language."""
    assert places_in("Treffen in Brüssel", "de") == places_in("在布鲁塞尔", "zh") == frozenset()


def test_two_reports_are_alike_if_they_share_most_of_what_they_speak_of_and_no_two_towns() -> None:
    one = frozenset(("russia", "saratov", "refinery", "drone"))
    assert alike(one, one | {"fire"}) == 1.5
    assert alike(one - {"saratov"}, one - {"saratov"}) == 1.0
    assert not alike(one - {"saratov"}, one)
    assert not alike(one, one - {"saratov"} | {"tuapse"})
    assert not alike(one, frozenset(("russia", "drone")))
    assert not alike(one, frozenset(("russia", "drone", "refinery", *"abcdefghijkl")))


@pytest.mark.parametrize(
    ("written", "spellings"),
    [
        ("Zelensky", ("زيلينسكي", "ゼレンスキー", "젤렌스키")),
        ("Stoltenberg", ("ستولتنبرغ", "ストルテンベルグ", "스톨텐베르그")),
        ("Wiesbaden", ("فيسبادن", "ヴィースバーデン", "비스바덴")),
        ("Patrushev", ("باتروشيف", "パトルシェフ", "파트루셰프")),
    ],
)
def test_a_name_sounds_alike_in_scripts_without_capitals(
    written: str, spellings: tuple[str, ...]
) -> None:
    [spelled] = read(told(f"Then came {written} in.", "en")).spelled
    assert {sound(spelling) for spelling in spellings} == {spelled}


def told(text: str, language: str) -> Article:
    return Article(id=1, title="", text=text, language=language)


def test_short_names_sound_alike_only_with_their_first_names() -> None:
    assert list(sounds_of([(1, "mark"), (1, "rutte"), (9, "sofia")])) == [(1, "MRKRT")]
    assert "MRKRT" in {heard for _, heard in sounds_in("قال مارك روته اليوم")}
    assert list(sounds_in("اليوم روته")) == []


def test_an_arabic_letter_with_two_sounds_has_both() -> None:
    """Boris Ruge: Egypt writes with it what elsewhere begins "Jordan"."""
    assert {"PRSRK", "PRSRS"} <= {heard for _, heard in sounds_in("بوريس روج")}


@pytest.mark.parametrize(
    ("text", "language", "figures"),
    [
        ("٤٠ مليار يورو", "ar", {"40 bn"}),
        ("总价400亿美元", "zh", {"40 bn"}),
        ("総額は3.5兆円", "ja", {"3500 bn"}),
        ("450만 달러", "ko", {"4.5 m"}),
        ("trị giá 3,7 tỷ USD", "vi", {"3.7 bn"}),
        ("1.2万人", "zh", {"12000"}),
        ("采购48架F-35战机", "zh", {"48", "f35"}),
    ],
)
def test_numbers_and_designators_are_found_in_every_script(
    text: str, language: str, figures: set[str]
) -> None:
    assert figures <= set(names("", spaced(text), language))


def test_latin_names_within_another_script_are_words_of_their_own() -> None:
    assert spaced("位于Wiesbaden的司令部") == "位于 Wiesbaden 的司令部"
    assert spaced("ＮＡＴＯ") == "NATO"
    assert spaced("plain “text”") == "plain “text”"


def test_reports_in_two_languages_clash_by_place_designator_and_year() -> None:
    def against(title: str, language: str, other: str) -> str:
        return clash_abroad(facts(title, "", language), facts(other, ""))

    assert against("浦项向罗马尼亚出口战车", "zh", "Tanks go to Poland") == "romania against poland"
    assert against("Nordkoreas Soldaten in Kursk", "de", "Ukraine takes prisoners in Kursk") == ""
    assert against("Nordkoreas Soldaten", "de", "Ukraine takes prisoners in Kursk") != ""
    assert against("波兰购买战车", "zh", "Tanks go to Poland") == ""
    assert against("Absturz einer F-16", "de", "F-35 crashes") == "F-16 against F-35"
    assert against("Treffen 2026", "de", "The meeting of 2025") == "2026 against 2025"


def test_two_reports_in_one_language_other_than_english_clash_by_place() -> None:
    one = facts("美国批准向波兰出售导弹", "美国批准出售。", "zh")
    other = facts("美国批准向罗马尼亚出售导弹", "美国批准出售。", "zh")
    assert clash(one, other) == "poland against romania"


def test_a_title_of_figures_alone_can_be_read() -> None:
    """A number may be longer than the interpreter turns into one."""
    assert read(Article(id=1, title="1" * 9_000, text="Convoy", language="en")).facts.title


@given(st.text(alphabet="Iİıßﬁ حلباليمنサハリンパリ한국美国12٤,.'-\nПа ", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """Letters that grow in lower case, or stand alone, shift nothing and raise nothing."""
    for language in ("", "ar", "tr", "zh"):
        assert read(Article(id=1, title=text, text=text, language=language)).told is not None


def test_an_attack_on_a_town_that_no_list_has_is_not_that_on_another() -> None:
    """Both share the night's figure and all that they speak of."""
    syzran = {
        "id": "syzran",
        "lang": "en",
        "published": "2031-05-01T05:00:00+00:00",
        "title": "Drone attack on Syzran refinery",
        "body": "The Syzran refinery in Russia burned after a Ukrainian drone attack. Russia said "
        "112 drones were shot down.",
    }
    elsewhere = {
        "id": "elsewhere",
        "lang": "zh",
        "published": "2031-05-01T06:00:00+00:00",
        "title": "俄科诺沃炼油厂遭乌克兰无人机袭击",
        "body": "俄罗斯科诺沃一座炼油厂夜间遭乌克兰无人机袭击起火。俄国防部称击落112架无人机。",
    }
    assert len(set(grouped([syzran, elsewhere]).values())) == 2
    assert len(set(grouped([elsewhere, syzran]).values())) == 2


def test_few_shared_words_join_nothing_between_languages() -> None:
    """German "Tanker" is English "tanker", but there are many."""
    state = Grouper()
    at = ARRIVAL
    first = Article(
        id=1, title="A tanker in the Red Sea was hit", language="en", published=at, first_seen=at
    )
    state.restore(first, 1, None)
    other = Article(
        id=2, title="Ein Tanker wurde gestoppt", language="de", published=at, first_seen=at
    )
    assert state.assign(other, at).story_id is None


@pytest.mark.parametrize(
    ("lang", "title", "body"),
    [
        ("de", "F-35 stürzt ab", "Ein Kampfjet vom Typ F-35 ist abgestürzt. Die F-35 war neu."),
        ("en", "F-35 crashes", "An F-35 fighter crashed. The F-35 was new."),
    ],
)
def test_one_number_in_both_joins_nothing(lang: str, title: str, body: str) -> None:
    """However often short texts repeat it, in one language or two."""
    road = ("en", "Council votes on road 35", "Road 35 gets a bridge: council votes 35 to 2.")
    told = [road, (lang, title, body)]
    articles = [
        article(number, {"id": f"{number}", "lang": lang, "title": title, "body": body, **AT})
        for number, (lang, title, body) in enumerate(told, 1)
    ]
    grouper = Grouper()
    grouper.restore(articles[0], 1, None)
    assert grouper.assign(articles[1], ARRIVAL).story_id is None


def test_a_report_that_opens_with_the_meeting_joins_it_in_another_language() -> None:
    """Its title names the body only; what it tells of no report has told before."""
    state = Grouper()
    at = ARRIVAL
    release = Article(
        id=1,
        title="NATO defence ministers open talks on Ukraine",
        text="NATO defence ministers met in Brussels on Thursday to discuss Ukraine.",
        language="en",
        published=at,
        first_seen=at,
    )
    state.restore(release, 1, None)
    later = at + timedelta(hours=20)

    def joins(text: str) -> bool:
        title = "NATO mua chung thiết bị huấn luyện"
        new = Article(id=2, title=title, text=text, language="vi", published=later)
        return state.assign(new, later).story_id == 1

    assert joins("Tại cuộc họp Bộ trưởng Quốc phòng NATO, 26 nước đã ký dự án thứ ba.")
    assert not joins("Trước thềm cuộc họp Bộ trưởng Quốc phòng NATO, 26 nước đã ký dự án thứ ba.")
    assert not joins("Khối này cho biết 26 nước đã ký dự án thứ ba.")


def test_a_restart_changes_no_decision_in_any_language() -> None:
    """Sounds, places and things are read again from the articles that are kept."""
    told = [one for name in FOUND for one in reports(name)]
    kept: list[tuple[Article, int, int | None]] = []
    state = Grouper()
    for number, one in enumerate(Random(7).sample(told, len(told)), start=1):
        new, now = article(number, one), ARRIVAL + timedelta(minutes=number)
        again = Grouper()
        for known, of, duplicate_of in kept:
            again.restore(known, of, duplicate_of)
        decided = state.assign(new, now)
        assert again.assign(new, now) == decided
        kept.append((new, decided.story_id or number, decided.duplicate_of))
        state.restore(*kept[-1])
