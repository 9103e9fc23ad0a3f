"""Dates as pages write them."""

from __future__ import annotations

import pytest

from monitor.articles.clean import clean_page
from monitor.articles.dates import read_stamp, read_url, read_written


@pytest.mark.parametrize(
    ("value", "at", "precision"),
    [
        ("2024-10-21T14:05:11+00:00", "2024-10-21T14:05:11+00:00", "second"),
        ("2024-10-21T01:00:00+02:00", "2024-10-21T01:00:00+02:00", "second"),
        ("2024-10-21T14:05:11Z", "2024-10-21T14:05:11+00:00", "second"),
        ("2024-10-21 14:05", "2024-10-21T14:05:00+00:00", "second"),
        ("2024-10-21", "2024-10-21T00:00:00+00:00", "day"),
        ("Mon, 21 Oct 2024 14:05:11 EST", "2024-10-21T14:05:11-05:00", "second"),
        ("1729519511", "2024-10-21T14:05:11+00:00", "second"),
        ("October 21, 2024", "2024-10-21T00:00:00+00:00", "day"),
        ("02.10.2024 14:05", "2024-10-02T14:05:00+00:00", "second"),
        ("2. 10. 2024, 14:05", "2024-10-02T14:05:00+00:00", "second"),
        ("02.10.24 14:05", "2024-10-02T14:05:00+00:00", "second"),
        ("2024.10.02 14:05", "2024-10-02T14:05:00+00:00", "second"),
        ("2024-01-03T17:40:00EET", "2024-01-03T17:40:00+02:00", "second"),
        ("02/10/2024 14:05", "2024-02-10T14:05:00+00:00", "second"),
    ],
)
def test_stamps_in_markup(value: str, at: str, precision: str) -> None:
    """Stamps are ISO 8601, RFC 5322, Unix seconds or words, in the zone they name, else UTC."""
    moment = read_stamp(value)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == (at, precision)


@pytest.mark.parametrize(
    "value",
    ["02/10/2024 14:05", "02-10-2024 14:05", "02/10/24 2:05 pm", "2024-10-02 02:05 PM",
     "2024-10-02T14:05:00UTC"],
)  # fmt: skip
def test_where_the_day_goes_first_it_does_before_a_time_too(value: str) -> None:
    """`day_first` holds with slashes or hyphens and a year of two figures, but not after a year."""
    moment = read_stamp(value, day_first=True)
    assert moment is not None
    assert moment.at.isoformat() == "2024-10-02T14:05:00+00:00"


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "14:05", "1" * 5_000,
     "2024-13-45", "0", "31 February 2024"],
)  # fmt: skip
def test_s32_impossible_dates_are_ignored(value: str) -> None:
    """A date that is absurd, incomplete or none at all gives None, not an error."""
    assert read_stamp(value) is None


@pytest.mark.parametrize(
    "value",
    ["2024-10-21 14:05 +9999", "Mon, 21 Oct 2024 14:05 +2500", "21 Oct 2024 14:05" + "9" * 40],
)
def test_s32_an_absurd_hour_or_zone_leaves_the_day(value: str) -> None:
    """The day can still be read, and no error comes of the rest."""
    moment = read_stamp(value)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == ("2024-10-21T00:00:00+00:00", "day")


def test_s32_an_unknown_name_of_a_zone_is_no_zone() -> None:
    """The time is taken as UTC, and nothing is said about it on standard error."""
    moment = read_stamp("21 October 2024, 14:05 BRT")
    assert moment is not None
    assert moment.at.isoformat() == "2024-10-21T14:05:00+00:00"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Berlin, 21. Oktober 2024, 14:05 Uhr", "2024-10-21"),
        ("Publié le 3 février 2025 à 10h", "2025-02-03"),
        ("21 de octubre de 2024", "2024-10-21"),
        ("Posted Sept. 3, 2024 by staff", "2024-09-03"),
        ("3rd March 2025", "2025-03-03"),
        ("Stand: 21.10.2024", "2024-10-21"),
        ("10/21/2024", "2024-10-21"),
        ("21/10/2024", "2024-10-21"),
        ("21 октября 2024", "2024-10-21"),
        ("Δευτέρα, 21 Οκτωβρίου 2024 11:08", "2024-10-21"),
        ("21. lokakuuta 2024", "2024-10-21"),
        ("نشر في: 21 أكتوبر 2024", "2024-10-21"),
        ("21 באוקטובר 2024", "2024-10-21"),
        ("2024年10月21日 19時03分", "2024-10-21"),
        ("2024년 10월 21일", "2024-10-21"),
        ("|21.10.24 | 17:45", "2024-10-21"),
        ("21/10/24", "2024-10-21"),
        ("٢١ أكتوبر ٢٠٢٤م", "2024-10-21"),
        ("21 تشرين الأول/أكتوبر 2024", "2024-10-21"),
        ("2024. október 21., hétfő", "2024-10-21"),
        ("2024 m. spalio 21 d.", "2024-10-21"),
        ("21. októbra 2024", "2024-10-21"),
        ("21 октомври 2024", "2024-10-21"),
        ("21 अक्टूबर 2024", "2024-10-21"),
        ("21 Oct 2024Press release", "2024-10-21"),
        ("令和6年10月21日", "2024-10-21"),
        ("令和元年5月1日", "2019-05-01"),
        ("民國113年10月21日", "2024-10-21"),
        ("21 ตุลาคม 2567 เวลา 14:05 น.", "2024-10-21"),
        ("3 กุมภาพันธ์ พ.ศ. 2567", "2024-02-03"),
        ("دوشنبه ۳۰ مهر ۱۴۰۳ - ۱۴:۰۵", "2024-10-21"),
        ("تاریخ انتشار: ۱۴۰۳/۰۷/۳۰", "2024-10-21"),
        ("30 اسفند 1403", "2025-03-20"),
        ("1 فروردین 1399", "2020-03-20"),
        ("الاثنين 1446/4/18 هـ الموافق 2024/10/21 م", "2024-10-21"),
        ("입력 2024. 10. 21 16:42", "2024-10-21"),
        ("21-10-2024 - kl. 09.15", "2024-10-21"),
    ],
)
def test_dates_in_words_of_our_feeds(text: str, day: str) -> None:
    """Months are read in the feeds' languages; a number that can only be the day is the day."""
    moment = read_written(text)
    assert moment is not None
    assert (moment.at.date().isoformat(), moment.precision) == (day, "day")


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.24",
        "21.10.24.7",
        "10.21.24.5",
        "3/4/24 inch",
        "31 مهر 1403",
        "9年3月2日",
        "W31-10-2024-07",
        "The yard was founded in 2024. 10-12 ships follow",
        "1446/4/18 هـ",
        "令和6年13月2日",
        "On 12 May 2560 soldiers crossed the pass",
    ],
)
def test_figures_that_are_no_dates(text: str) -> None:
    """A year in two figures is believed only where day and month have two as well."""
    assert read_written(text) is None


def test_date_in_an_address() -> None:
    """Year, month and day as folders are a date; a bare number is none."""
    moment = read_url("https://paper.example/2024/10/21/story")
    assert moment is not None
    assert moment.at.date().isoformat() == "2024-10-21"
    assert read_url("https://paper.example/story-20241021") is None


@pytest.mark.parametrize(
    "page",
    [
        "<div class=press-meta><span>Press release</span><span>3 March 2024</span><span>16:40"
        "</span></div><h1>Ships and harbours</h1>",
        "<div class=blog-meta><div>Product</div><div>March 3, 2024</div></div><h1>Ships</h1>",
        "<div class=datum>3. März 2024</div><h1>Schiffe und Häfen</h1>",
        "<title>Ships and harbours</title><font><b>Ships and harbours</b></font><br>"
        "<i>by Ann Lee</i><p>3 March 2024</p>",
    ],
)
def test_a_date_is_read_apart_from_what_stands_beside_it(page: str) -> None:
    """A date is found before the heading, between labels, and after a title without a heading."""
    cleaned = clean_page(f"<html lang=en>{page}{TEXT}", "https://paper.example/a")
    assert cleaned.published is not None
    assert cleaned.published.date().isoformat() == "2024-03-03"


@pytest.mark.parametrize(
    "shown",
    [
        "<p>3 March 2024, updated 5 March 2024, 8:30 AM EDT</p>",
        "<ul><li>3 March 2024</li><li>Last updated: 5 Mar. 2024 09:12</li></ul>",
        "<p>Publié le 3 mars 2024 à 7h30, modifié le 5 mars 2024 à 10h01</p>",
        "<p>03.03.2024 (aktualisiert am 05.03.2024)</p>",
        "<p>3 March 2024. Updated 5 March 2024 at 09.02</p>",
        "<p>Last updated: 5 March 2024 | First published: 3 March 2024</p>",
        "<p>2024年3月3日 14時20分（最終更新 2024年3月5日 16:05）</p>",
        "<div>Oslo | Updated: March 5, 2024 09:12 IST</div><div>Published: March 3, 2024</div>",
        "<p>14:20 03.03.2024 (обновлено: 15:02 05.03.2024)</p>",
        "<p>입력<i>2024.03.03. 오후 2:20</i></p><p>수정<i>2024.03.05. 오전 9:12</i></p>",
        "<div>Updated: <span>Mar 5, 2024</span></div><div>Mar 3, 2024</div>",
    ],
)
def test_an_update_that_is_only_shown_is_read_behind_its_word(shown: str) -> None:
    """Without a mark, the words before the date tell what it is."""
    cleaned = clean_page(f"<html lang=en><h1>Ships</h1>{shown}{TEXT}", "https://paper.example/a")
    assert cleaned.published is not None
    assert cleaned.modified is not None
    assert cleaned.published.date().isoformat() == "2024-03-03"
    assert cleaned.modified.date().isoformat() == "2024-03-05"


def test_an_update_is_read_above_the_title_too() -> None:
    """Some houses put all dates before the heading; that of the update is not when it appeared."""
    head = "<div><b>Updated 5 March 2024, 15:02</b> <b>3 March 2024</b><h1>Ships</h1></div>"
    cleaned = clean_page(f"<html lang=en>{head}{TEXT}", "https://paper.example/a")
    assert cleaned.published is not None
    assert cleaned.modified is not None
    assert cleaned.published.date().isoformat() == "2024-03-03"
    assert cleaned.modified.date().isoformat() == "2024-03-05"


def test_the_date_of_an_update_counts_where_there_is_no_other() -> None:
    """Some pages show nothing else."""
    page = f"<html lang=en><h1>Ships</h1><p class=date>Updated 5 March 2024</p>{TEXT}"
    published = clean_page(page, "https://paper.example/a").published
    assert published is not None
    assert published.date().isoformat() == "2024-03-05"


@pytest.mark.parametrize(
    "said",
    [
        "The law was last modified in 2019 and takes effect on 1 May 2025.",
        "The law, last modified on 1 May 2025, is short.",
        "The rules were updated 1 May 2025",
    ],
)
def test_a_sentence_on_what_was_changed_tells_no_update(said: str) -> None:
    """Laws are modified too; the date of an update stands right behind its word, and alone."""
    page = f"<html lang=en><h1>Ships</h1><p>3 March 2024</p><p>{said}</p>{TEXT}"
    assert clean_page(page, "https://paper.example/a").modified is None


NEIGHBOUR = "<div class=latest><a href=/1>Tugs</a> <span class=date>November 28, 2023</span></div>"


@pytest.mark.parametrize(
    ("shown", "day"),
    [
        ("<p>Published 5 hours ago</p>", None),
        ("<div><b>By Ann Lee</b> <span>3 hrs ago</span></div>", None),
        ("<div>vor 2 Stunden</div>", None),
        ("<p>2 часа назад</p>", None),
        ("<p>3시간 전</p>", None),
        ("<p><time datetime=2024-03-03T10:00Z>3 hours ago</time></p>", "2024-03-03"),
        ("<p><span data-timestamp=1709460000>3 hours ago</span></p>", "2024-03-03"),
        ("<p>3 March 2024 (3 hours ago)</p>", "2024-03-03"),
        (
            "<p>They had left 3 days ago</p><p>Published on Sunday, 3 March 2024 at 10:15</p>",
            "2024-03-03",
        ),
        ("<p>Two days ago</p><p>Ships</p>", "2023-11-28"),
        ("<p>Il y a 3 hommes à bord</p>", "2023-11-28"),
        ("<p>Há 3 homens a bordo</p>", "2023-11-28"),
        ("<p>Hace 3 domingos</p>", "2023-11-28"),
        ("<p>Il y a 3 heures</p>", None),
        ("<p>há 2 dias</p>", None),
        ("<p>hace 1 h</p>", None),
    ],
)
def test_how_long_ago_it_was_is_not_when_another_article_was(shown: str, day: str | None) -> None:
    """Without a stamp for scripts the date stays open; a text on the past means nothing."""
    page = f"<html lang=en><h1>Ships leave the harbour</h1>{shown}{TEXT}{NEIGHBOUR}"
    published = clean_page(page, "https://paper.example/a").published
    assert (published.date().isoformat() if published else None) == day


@pytest.mark.parametrize(
    "other",
    [
        "<span class=updated data-timestamp=1714728600>Updated</span>",
        "<span class=countdown data-date=2027-01-01></span>",
        "<span class=next-event data-date=2027-01-01>Ships</span>",
    ],
)
def test_a_stamp_of_something_else_is_not_the_articles(other: str) -> None:
    """An update's comes after; what is counted down to is to come."""
    for own in (
        "<time datetime=2024-03-03T10:00:00Z>Sunday</time>",
        "<span data-time=1709460000>x</span>",
    ):
        page = f"<html lang=en><h1>Ships</h1><div>{other}</div><p>{own}</p>{TEXT}"
        published = clean_page(page, "https://paper.example/a").published
        assert published is not None
        assert published.date().isoformat() == "2024-03-03"


@pytest.mark.parametrize(
    "head",
    [
        "<div><b><dateformat time=1709460000></dateformat></b></div><h1>Ships</h1>",
        "<header><div><time datetime=2024-03-03T10:00:00Z>Sunday</time></div>"
        "<div><h1>Ships</h1></div></header><p>5 min ago</p>",
    ],
    ids=["shown by script only", "a time, where a post says how long ago"],
)
def test_a_stamp_is_read_above_the_title(head: str) -> None:
    published = clean_page(f"<html lang=en>{head}{TEXT}", "https://paper.example/a").published
    assert published is not None
    assert published.isoformat() == "2024-03-03T10:00:00+00:00"


@pytest.mark.parametrize(
    ("lang", "said", "day"),
    [
        ("en-US", "Date posted: 03.21.2024", "2024-03-05"),
        ("en", "The ships left on Mar. 5 for the north.", "2024-03-05"),
        ("en-US", "The ships left the harbour for the north.", "2024-05-03"),
        ("en-US", "They left on 21.03.2024, not on 03.21.2024.", "2024-05-03"),
        ("en-GB", "Ref. 03.21.2024", "2024-05-03"),
        ("de", "Ref. 03.21.2024", "2024-05-03"),
    ],
)
def test_dots_have_the_month_first_where_the_page_shows_it(lang: str, said: str, day: str) -> None:
    """Another date that has no other reading shows it, or the same day in English words."""
    page = f"<html lang={lang}><h1>Ships</h1><p>03.05.2024</p>{TEXT}<p>{said}</p>"
    published = clean_page(page, "https://paper.example/a").published
    assert published is not None
    assert published.date().isoformat() == day


def test_time_of_an_update_is_read_from_its_mark() -> None:
    """hAtom and WordPress mark an update in text only; a time with both marks is of publication."""
    times = "<time class=updated datetime=2024-03-05T10:00:00Z>5 March</time>"
    page = (
        f"<h1>Ships</h1><time class=published datetime=2024-03-03T10:00:00Z>3 March</time>{times}"
    )
    cleaned = clean_page(f"<html lang=en><body>{page}{TEXT}", "https://paper.example/a")
    assert cleaned.modified is not None
    assert cleaned.modified.date().isoformat() == "2024-03-05"


TEXT = "<p>" + "The ministers met in the old harbour and spoke of ships for an hour. " * 4 + "</p>"


@pytest.mark.parametrize(
    ("page", "at"),
    [
        (
            "<html lang=en-GB><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-10-02T00:00:00+00:00",
        ),
        (
            "<html lang=en-HK><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-10-02T00:00:00+00:00",
        ),
        (
            "<html lang=en-KE><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-10-02T00:00:00+00:00",
        ),
        (
            "<html lang=en-MY><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-10-02T00:00:00+00:00",
        ),
        (
            "<html lang=en-CA><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-02-10T00:00:00+00:00",
        ),
        (
            "<html lang=en-001><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-02-10T00:00:00+00:00",
        ),
        (
            "<html><body><h1>Ships</h1><div><p>Ships met at the old harbour of the town, and then "
            "they left for the north.</p><div><p>More of it <span class=submitted-by>Submitted on "
            "Mon, 2019-01-21 13:49</span> of the ships that had met at the old harbour of the town,"
            " and that then had left again for the north in the night.</p></div></div>",
            "2019-01-21T00:00:00+00:00",
        ),
        (
            "<html><head><title>Ships</title></head><body><h1>Harbour Blog</h1><ul><li>1 May 2018"
            "</li></ul><h1>Ships</h1><p>2 August 2019</p>",
            "2019-08-02T00:00:00+00:00",
        ),
        (
            "<html><head><title>Ships leave Oslo for the north | Blog</title></head><body>"
            "<h1>Ships go</h1><p>2 August 2019</p><h1>Blog</h1><p>1 May 2018</p>",
            "2019-08-02T00:00:00+00:00",
        ),
        (
            "<html><body><h1>Ships</h1><p>Ships of the harbour, 2 August 2019 – 4 October 2019, "
            "is a show of all the ships that left for the north, and what their owners said.</p>",
            None,
        ),
        (
            "<html><body><h1>Ann Lee</h1><p>Ann Lee (4 May 2011 – 2 August 2019) had six ships, "
            "and left for the north with all of them, as her owner said in a note to all.</p>",
            None,
        ),
        (
            "<html><body><h1>Ships</h1><p>OSLO, Aug. 2, 2019 /Wire/ -- Ships met at the harbour "
            "and left for the north, as their owner, who has six of them, said in a note.</p>",
            "2019-08-02T00:00:00+00:00",
        ),
        (
            "<html><body><h1>Ships</h1><p>Kiel, 2. August 2019 – Ships met at the old harbour of "
            "the town and left for the north, as the owner said, who has six more of them.</p>",
            "2019-08-02T00:00:00+00:00",
        ),
        (
            "<html><body><h1>Ships</h1><p>In the harbour, on August 2, 2019, ships met and left "
            "for the north, as their owner, who has six of them, said in a note to his men.</p>",
            None,
        ),
        (
            "<html xml:lang=en-GB><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-10-02T00:00:00+00:00",
        ),
        (
            "<html lang=fr><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-10-02T00:00:00+00:00",
        ),
        (
            "<html lang=en-US><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-02-10T00:00:00+00:00",
        ),
        (
            "<html><head><meta name=language content=English></head><body><h1>Ships</h1>"
            "<span class=time>02/10/2020</span>",
            "2020-02-10T00:00:00+00:00",
        ),
        (
            "<html><body><h1>Ships</h1><span class=time>02/10/2020</span>",
            "2020-02-10T00:00:00+00:00",
        ),
        (
            '<html lang=en-GB><head><meta name=date content="2020-10-02 4:00 PM"></head><body>',
            "2020-10-02T16:00:00+00:00",
        ),
        (
            "<html><head><meta name=published_on content=2026-01-22T21:00:00Z></head><body>",
            "2026-01-22T21:00:00+00:00",
        ),
        (
            "<html><head><meta name=pubdate content=2024-05-17T00:00:00Z>"
            "<meta name=date content=2024-05-18T04:39:05+02:00></head><body>",
            "2024-05-18T04:39:05+02:00",
        ),
        (
            "<html><head><meta name=pubdate content=2024-05-17T00:00:00Z>"
            "<meta name=date content=2024-06-18T04:39:05Z></head><body>",
            "2024-05-17T00:00:00+00:00",
        ),
        (
            '<html><head><script type="application/ld+json">{"@type": "Article", "datePublished":'
            '"2024-05-18", "dateCreated": "2024-05-17T15:00:00Z"}</script></head><body>',
            "2024-05-18T00:00:00+00:00",
        ),
        (
            '<html><head><script type="application/ld+json">{"@type": "Article", "datePublished":'
            '"2024-05-18", "dateCreated": "2024-05-18T06:00:00+09:00"}</script></head><body>',
            "2024-05-18T06:00:00+09:00",
        ),
        (
            "<html><body><div class=comment-metadata>August 3, 2019</div><article><h1>Ships</h1>"
            "<footer><time class=published datetime=2019-08-02T15:57:41Z>2 August</time></footer>",
            "2019-08-02T15:57:41+00:00",
        ),
        (
            "<html><body><article><h1>Ships</h1><span class=date>2 August 2019</span></article>"
            "<article><h2>Other</h2><footer><time class=posted datetime=2019-08-05T09:00Z>Monday"
            "</time></footer></article>",
            "2019-08-02T00:00:00+00:00",
        ),
        (
            "<html><head><meta name=date content=2024-05-17></head><body><h1>Ships</h1><div><h2>"
            "Latest</h2><time datetime=2024-05-18T09:00Z>9:00</time></div>",
            "2024-05-17T00:00:00+00:00",
        ),
        (
            "<html><head><meta name=date content=2024-05-17></head><body><h1>Ships</h1>"
            "<time datetime=2024-05-17T22:30-04:00>late</time>",
            "2024-05-17T22:30:00-04:00",
        ),
        (
            "<html><body><h1>Ships</h1><p>on <abbr class=published title=2019-08-02T15:57:41-05:00>"
            "August 2nd</abbr> <abbr class=updated title=2019-08-05T10:00Z>later</abbr></p>",
            "2019-08-02T15:57:41-05:00",
        ),
        (
            "<html><body class=showing-comments><span class=date>2 Aug 2019</span><h1>Ships</h1>",
            "2019-08-02T00:00:00+00:00",
        ),
        (
            "<html><body class=comments-open><time>2 Aug 2019</time><h1>Ships</h1>",
            "2019-08-02T00:00:00+00:00",
        ),
        (
            "<html><body><article><h1>Ships</h1></article>"
            "<footer><time class=published datetime=2019-08-02T15:57:41Z>2 August</time></footer>",
            None,
        ),
    ],
)
def test_the_date_that_a_page_says_it_was_published(page: str, at: str | None) -> None:
    """A date with slashes is read as the page's language writes it, and a time is preferred to a
    bare midnight. An article's footer counts; the page's footer and comments do not. That a page
    has comments means nothing.
    """
    published = clean_page(page + TEXT, "https://paper.example/ships").published
    assert (published.isoformat() if published else None) == at
