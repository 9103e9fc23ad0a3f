"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from feedparser.datetimes import _parse_date
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.feeds import dates
from monitor.feeds.read import read

NOON = datetime(2025, 9, 19, 12, tzinfo=UTC)


def published(text: str) -> datetime | None:
    body = f"<rss version='2.0'><item><guid>1</guid><pubDate>{text}</pubDate></item></rss>"
    return read(body.encode(), "", "https://feed.test/").entries[0].published


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 19 Sep 2025 12:00:00 GMT",
        "19 Sep. 2025 12:00:00 GMT",
        "19 Sep 2025 12:00 UTC",
        "2025-09-19 12:00:00 UTC",
        "2025-09-19 12:00:00 GMT",
        "20250919 12:00 GMT",
        "09-19-2025 12:00 GMT",
        "12:00, 19 Sep 2025 UTC",
        "Fri, 19 Sept 2025 12:00:00 +0000",
        "Friday, September 19, 2025 12:00 PM",
        "Fri, 19 Sep 25 14:00:00 +0200",
        "Fri, 19 Sep 2025 08:00:00 EDT",
        "Fri, 19 Sep 2025 14:00:00 CEST",
        "Fri Sep 19 12:00:00 2025",
        "2025-09-19T12:00:00Z",
        "2025-09-19T14:00:00+02:00",
        "2025-09-19T17:30:00+0530",
        "2025-09-19T14:00:00.25+0200",
        "2025-09-19T14:00+02",
        "2025-09-19 12:00:00",
        "2025-09-19T12:00Z",
        "20250919T120000Z",
        "\n  Fri, 19 Sep 2025\n 12:00:00 GMT\n",
        "ven., 19 septembre 2025 14:00:00 +0200",
        "Fr, 19 September 2025 14:00:00 +0200",
        "пт, 19 сен 2025 15:00:00 +0300",
        "vie, 19 de septiembre de 2025 12:00:00 GMT",
        "19 września 2025 14:00 +0200",
        "19 Eylül 2025 15:00 +0300",
        "19 вересня 2025 15:00 +0300",
        "19.09.2025 12:00 Uhr",
        "19. 9. 2025, 12:00:00",
        "19.09.25 12:00",
        "2025/09/19 12:00",
        "2025.09.19 12:00",
        "2025年9月19日 12:00",
        "2025년 9월 19일 12:00",
        "Fri, 19 Sep 2025 14:00:00 UTC+2",
        "Fri, 19 Sep 2025 06:30:00 GMT-05:30",
        "1758283200",
        "1758283200000",
        "Fri, 19 Sep 2025 12:00:00 A",
        "Fri, 19 Sep 2025 12.00.00 GMT",
        "Fri, 19 Sep 2025 07:00:00 \u20130500",
        "2025-09-19T07:00:00\u221205:00",
        "2025-09-19T07:00:00-5:00",
        "20250919120000",
        "Fri Sep 19 14:00:00 CEST 2025",
        "19 сентября 2025 г. 12:00",
        "19 вересня 2025 року, 12:00",
        "19 septembre 2025 à 12h00",
        "19. September 2025, 12:00 Uhr",
        "19 settembre 2025, 12.00",
        "viernes, 19 septiembre 2025 - 12:00",
        "Παρ, 19 Σεπ 2025 15:00:00 +0300",
        "19. září 2025 12:00",
        "2025. szeptember 19. 12:00",
        "١٩ سبتمبر ٢٠٢٥ ١٢:٠٠",
        "2025年9月19日（金）12時00分",
        "2025. 9. 19. 오후 12:00",
        "2025/09/19 下午 12:00",
        "2025-09-19 14:00:00 +0200 CEST",
        "2025-09-19T14:00:00+02:00[Europe/Berlin]",
        "Fri Sep 19 2025 14:00:00 GMT+0200 (Central European Summer Time)",
        "19.9.2025 klo 12.00",
        "19.09.2025 14:00 +0200",
        "19.09.2025 12:00:00 GMT",
        "Fr., 19.09.2025 - 12:00",
        "пт, 19.09.2025 15:00 +0300",
        "12:00 19.09.2025",
        "19/09/2025 19:00 (GMT+7)",
        "19-09-2025 12:00",
        "19.09.2025. 12:00",
        "19th September 2025 at 12.00pm",
        "2025-09-19T07:00:00EST",
        "Fri, 19 Sep 2025 09:00:00 BRT",
        "Fri, 19 Sep 2025 17:45:00 NPT",
        "19 September 2025 20:00 (WITA)",
        "/Date(1758283200000)/",
        "/Date(1758283200000+0200)/",
        "19 בספטמבר 2025 12:00",
        "19. rujna 2025. 12:00",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    """Variants of RFC 822, ISO 8601, zone names, other languages are read; UTC without a zone."""
    assert published(text) == NOON


def test_an_afternoon_in_gmt_is_no_morning() -> None:
    afternoon = datetime(2025, 9, 19, 18, 30, tzinfo=UTC)
    assert published("Fri, 19 Sep 2025 06:30:00 PM GMT") == afternoon
    assert published("19 September 2025 06:30 PM UTC") == afternoon


@pytest.mark.parametrize(
    "text",
    ["19 September 2025 6:30 PM", "Fri, 19 Sep 2025 6:30 PM", "Fri, 19 Sep 2025 6:30PM",
     "19 Sep 2025 6:30 p.m.", "Fri, 19 Sep 2025 6:30 PM +0000", "Fri, 19 Sep 2025 1:30:00 pm -0500",
     "2025年9月19日 下午6:30", "2025年9月19日 晚上6:30", "2025年9月19日 午後6時30分",
     "2025년 9월 19일 오후 6:30", "2025年9月19日 下午18:30"],
)  # fmt: skip
def test_an_afternoon_is_no_morning(text: str) -> None:
    """Half days are named by letters after the time or by words before it."""
    assert published(text) == datetime(2025, 9, 19, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["Fri, 19 Sep 2025 12:05 AM", "2025年9月19日 上午12:05", "2025年9月19日 午前12時05分",
     "2025년 9월 19일 오전 12:05"],
)  # fmt: skip
def test_twelve_in_the_morning_is_midnight(text: str) -> None:
    """Twelve is the first hour of a half day."""
    assert published(text) == datetime(2025, 9, 19, 0, 5, tzinfo=UTC)


def test_a_number_after_a_date_is_no_time_of_day() -> None:
    """The date is kept."""
    assert published("19 Sep 2025 2.500") == datetime(2025, 9, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["18 Oct 2024 0001", "Fri, 18 Oct 2024 0001 +0000", "2024-10-18 0001"]
)
def test_a_minute_after_midnight_is_no_year(text: str) -> None:
    """A time of day without a colon comes after the year."""
    assert published(text) == datetime(2024, 10, 18, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "0000-00-00 00:00:00", "2025-13-45", "Thu, 01 Jan 1970 00:00:00 GMT",
     "Mon, 01 Jan 0001 00:00:00 GMT", "1/1/0001 12:00:00 AM", "Mon Jan 01 00:00:00 +0000 0001",
     "9999-12-31T00:00:00Z", "12", "Monday", "1758283200000000000000", "2025 foo", "31.31.2025",
     "Fri, 31 Sep 2025 12:00:00 GMT", "2025年99月1日", "12:00", "12:00:00Z", "T12:00",
     "12:30 18 Oct", "--10-18", "---18", "-10-18", "2025-W42-5", "2025-09-19T25:00:00Z",
     "Fri, 19 Sep 2025 12:61:00 GMT", "Wed, 30 Nov -0001 00:00:00 +0000",
     "-0001-11-30T00:00:00+00:00"],
)  # fmt: skip
def test_no_date_is_better_than_a_wrong_one(text: str) -> None:
    """Template zeros, broken clocks, words and partial dates, which today would fill, give none."""
    assert published(text) is None


def test_who_writes_dots_puts_the_day_first() -> None:
    """With dots the day comes first; with slashes the month does, where both are possible."""
    assert published("05.09.2025") == datetime(2025, 9, 5, tzinfo=UTC)
    assert published("05.09.2025 14:00 +0200") == datetime(2025, 9, 5, 12, tzinfo=UTC)
    assert published("Fri, 05.09.2025 2:05 PM") == datetime(2025, 9, 5, 14, 5, tzinfo=UTC)
    assert published("05-09-2025") == datetime(2025, 5, 9, tzinfo=UTC)
    assert published("05/09/2025") == datetime(2025, 5, 9, tzinfo=UTC)
    assert published("19/09/2025") == datetime(2025, 9, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-09-05T14:00:00(UTC+02:00)", datetime(2025, 9, 5, 12, tzinfo=UTC)),
        ("5 Sep 2025 -10:05 PM", datetime(2025, 9, 5, 22, 5, tzinfo=UTC)),
        ("15-09-2025 (Mon)", datetime(2025, 9, 15, tzinfo=UTC)),
        ("5.9.2025, 10 Uhr", datetime(2025, 9, 5, 10, tzinfo=UTC)),
        ("2025-09-05 10:05 г.", datetime(2025, 9, 5, 10, 5, tzinfo=UTC)),
        ("2025-09-05T12:05:00+02:00 été", datetime(2025, 9, 5, 10, 5, tzinfo=UTC)),
        ("5.9.2025 下午3:05:06", datetime(2025, 9, 5, 15, 5, 6, tzinfo=UTC)),
    ],
)
def test_what_stands_beside_a_date_changes_neither_its_zone_nor_its_half_of_the_day(
    text: str, moment: datetime
) -> None:
    assert published(text) == moment


def test_of_a_span_of_days_the_end_is_no_time_of_day() -> None:
    assert dates.within("12.10.2025 - 14.10.2025") == datetime(2025, 10, 12, tzinfo=UTC)


def test_a_day_in_one_figure_is_read_as_in_two() -> None:
    assert dates.parse("5-9-2025 12:00", day_first=True) == datetime(2025, 9, 5, 12, tzinfo=UTC)
    assert dates.parse("5-10-2025", day_first=True) == datetime(2025, 10, 5, tzinfo=UTC)


def test_english_is_english_however_a_feed_spells_it() -> None:
    """Else the feeds of a country that puts the month first are read with the day first."""
    for language in ("en", "en-us", "EN_US", "eng", "English", "US English", "us-en"):
        assert not dates.day_first([], language), language
    for language in ("en-GB", "English UK", "fr", "et"):
        assert dates.day_first([], language), language


def test_months_of_the_languages_around_the_baltic_and_the_adriatic() -> None:
    """Where names begin alike, the longer beginning counts: "lipnja" is June, "lipca" July."""
    months = {
        "10. jaanuar 2025": 1, "10 vasario 2025": 2, "10 Mrz 2025": 3, "10. travnja 2025": 4,
        "10 gegužės 2025": 5, "10. lipnja 2025": 6, "10 lipca 2025": 7, "10. srpnja 2025": 7,
        "10. srpna 2025": 8, "10. avgust 2025": 8, "10 rugpjūčio 2025": 8, "10 rugsėjo 2025": 9,
        "10 spalio 2025": 10, "10 lapkričio 2025": 11, "10. desember 2025": 12,
    }  # fmt: skip
    assert {text: getattr(dates.parse(text), "month", None) for text in months} == months


@pytest.mark.parametrize(
    ("language", "other", "month"),
    [
        ("fr", "", 9),
        ("en-GB", "", 9),
        ("en-US", "", 5),
        ("", "", 5),
        ("en-US", "23/08/2025", 9),
        ("fr", "08/23/2025", 5),
    ],
)
def test_the_language_or_another_date_tells_what_comes_first(
    language: str, other: str, month: int
) -> None:
    """All dates of a document are read in one way, also of one of which only the news is read."""
    items = "".join(
        f"<item><guid>{n}</guid><pubDate>{text}</pubDate></item>"
        for n, text in enumerate(filter(None, (other, "05/09/2025 12:00")))
    )
    head = f"<language>{language}</language>" if language else ""
    body = f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()
    first = read(body, "", "https://feed.test/")
    assert first.entries[-1].published == datetime(
        2025, month, 5 if month == 9 else 9, 12, tzinfo=UTC
    )
    again = body.replace(b"<guid>0", b"<guid>new" if not other else b"<guid>0")
    later = read(
        again.replace(b"<guid>1", b"<guid>new"),
        "",
        "https://feed.test/",
        known_pieces=frozenset(first.pieces),
    )
    assert [one.published for one in later.entries] == [first.entries[-1].published]


def test_a_date_among_other_words_is_found() -> None:
    """Index pages write labels and topics around their dates."""
    day = datetime(2025, 9, 5, tzinfo=UTC)
    for text in ("Posted: September 5, 2025", "Sep 5 2025 | News", "Publicado 05/09/2025 | Aviso"):
        assert dates.within(text, day_first=True) == day
    assert dates.within("14:05 05/09/2025", day_first=True) == day.replace(hour=14, minute=5)
    assert dates.within("3 hours ago") is None


@pytest.mark.filterwarnings("error")
def test_a_zone_name_that_may_be_several_is_utc_and_no_warning() -> None:
    """AST may be the Atlantic's or Arabia's; wherever this program runs, it is read as UTC."""
    assert published("Fri, 19 Sep 2025 12:00:00 AST") == NOON


def test_the_day_of_a_year_is_no_month() -> None:
    """ISO 8601-1 §5.2.3."""
    assert published("2025-065") == datetime(2025, 3, 6, tzinfo=UTC)
    assert published("2024-366") == datetime(2024, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2025-000", "2025-366", "2025-999", "9999-366", "0000-001"])
def test_a_day_that_its_year_does_not_have_is_no_date(text: str) -> None:
    """Counting on from the first of January would give a day of another year."""
    assert published(text) is None


near_dates = st.lists(
    st.one_of(
        st.sampled_from(["9999", "0001", "2026", "-", "/", ".", ":", " ", "T", "Z", "24:00", "31",
                         "12", "00", "365", "366", "+99", "PM", "Nov", "年", "月", "日", "下午",
                         "UTC+14", "١"]),
        st.text(max_size=3),
    ),
    max_size=10,
).map("".join)  # fmt: skip


@given(near_dates)
@example("9999-12-31T24:00:00Z")
@example("9999-12-31 24:00")
@example("9999-366")
@example("21 Oct 2024 14:05" + "9" * 40)
def test_no_text_raises(text: str) -> None:
    """One bad date must not cost the whole feed, whether or not feedparser can read it."""
    for parsed in (None, _parse_date(text)):
        found = dates.parse(text, parsed)
        assert found is None or dates.MIN_YEAR <= found.year <= dates.MAX_YEAR


@pytest.mark.parametrize("text", ["Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:60Z"])
def test_a_leap_second_is_the_last_of_its_day(text: str) -> None:
    """A parser that refuses it would lose the date."""
    assert published(text) == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 18 Sep 2025 24:00:00 GMT",
        "Thu, 18 Sep 2025 24:00 GMT",
        "2025-09-18T24:00:00Z",
        "2025-09-18T24:00:00.000Z",
        "2025-09-18 24:00",
        "20250918T240000Z",
        "2025-09-18T24:00:00+00:00",
        "18.09.2025 24:00 Uhr",
    ],
)
def test_24_o_clock_is_the_end_of_the_day(text: str) -> None:
    """24:00, which ISO 8601 knows, is midnight of the day that follows."""
    assert published(text) == datetime(2025, 9, 19, tzinfo=UTC)


def test_a_day_has_no_more_than_24_hours() -> None:
    """A time after 24:00 is no date."""
    assert published("Thu, 18 Sep 2025 24:30:00 GMT") is None


def test_ist_is_the_time_of_india() -> None:
    """Of three zones named IST the one that most feeds mean is used; none of them is UTC."""
    assert published("Fri, 19 Sep 2025 17:30:00 IST") == NOON
    assert published("Fri, 19 Sep 2025 15:00:00 IDT") == NOON
    assert published("Fri, 19 Sep 2025 20:00 SGT") == NOON
