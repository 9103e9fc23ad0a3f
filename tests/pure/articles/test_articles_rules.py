"""Rules of cleaning one by one: each snippet with the reason for its rule."""

from __future__ import annotations

import pytest

from monitor.articles.clean import clean_entry, clean_page
from monitor.articles.merge import gives_full_text
from monitor.model import Entry

URL = "https://paper.example/story"
ONE = "The convoy reached the northern base on Friday after a march of eleven hours in snow."
TWO = "Its commander said that the road had been worse than the weather, and the weather was bad."
REST = "".join(
    f"<p>Section {n} of the road was cleared by its own crew, who had come from village {n}.</p>"
    for n in range(12)
)


def text_of(inside: str, head: str = "", before: str = "") -> str:
    page = (
        f"<html><head>{head}</head><body><article><h1>Convoy reaches the base</h1>{before}"
        f"<div class='entry-content'><p>{ONE}</p>{inside}<p>{TWO}</p>{REST}</div></article></body>"
    )
    return clean_page(page, URL).text


@pytest.mark.parametrize(
    "inside",
    [
        "<div class='is-style-n'><h3>Tall ships</h3><p>Our Sunday letter brings launches.</p>"
        "<div><a href='/l'>Subscribe now</a></div></div>",
        "<div class='saboxplugin-wrap'><p>She has covered roads since 1998 and owns two.</p></div>",
        "<div class='detail-img__description'>The convoy in the pass on Thursday morning.</div>",
        "<p>The convoy in the pass, seen from the north © Border Press</p>",
        "<p><a href='/x'>Bridge closed for a week</a></p><p>3. 10. 2024 13:31 Uhr</p>",
        "<h3>More Great Road Stories</h3><ul><li><a href='/a'>A</a></li></ul>",
        "<p>This video is currently not available in your country.</p>",
        "<p>Empfohlener redaktioneller Inhalt</p>",
    ],
)
def test_what_recurs_on_pages_of_all_houses_goes(inside: str) -> None:
    """Offers around a button, boxes on authors, captions, dated links, players' notices."""
    assert text_of(inside) == text_of("")


@pytest.mark.parametrize(
    "inside",
    [
        "<p>Readers who want to <a href='/s'>subscribe now</a> have to wait, the press said.</p>",
        "<p>The march began on 3 October 2024 at dawn, which is late for the season there.</p>",
        "<p><a href='/p/1'>Ann Lee</a> <span>of the road office said that all was well.</span></p>",
    ],
)
def test_what_only_looks_like_it_stays(inside: str) -> None:
    """A link inside a sentence is no button, a date in a sentence no teaser."""
    kept = text_of(inside).split("\n\n")
    assert len(kept) == len(text_of("").split("\n\n")) + 1


def test_hover_card_behind_a_name_is_no_part_of_the_sentence() -> None:
    """The name stands once, what the card says of other reports not at all."""
    card = (
        "<span class='c'><img src='x'><a href='/p/1'>Ann Lee</a> <a href='/o'>Old story</a></span>"
    )
    inside = f"<p>The minister, <a href='/p/1'>Ann Lee</a>{card}, was there to welcome them.</p>"
    assert "The minister, Ann Lee, was there to welcome them." in text_of(inside)


STANDFIRST = "Eleven hours, four snow ploughs, and no fuel to spare: how a road was opened"


@pytest.mark.parametrize(
    ("before", "head"),
    [
        (f"<p class='article-lead'>{STANDFIRST}</p>", ""),
        (
            f"<div class='k1'>North. {STANDFIRST}</div>",
            f"<meta name='description' content='{STANDFIRST}.'>",
        ),
        (f"<ul class='preamble'><li>{STANDFIRST}</li></ul>", ""),
    ],
)
def test_standfirst_opens_the_text_wherever_it_stands(before: str, head: str) -> None:
    """By its class, or because it says what the page's description says; no full stop needed."""
    assert text_of("", head, before).split("\n\n")[0].endswith(STANDFIRST)


@pytest.mark.parametrize(
    "before",
    [
        "<figure><figcaption class='lead'>The convoy in the pass on Thursday, at noon</figcaption>"
        "</figure>",
        "<p class='intro'>By Ann Lee, northern correspondent, at the base of the pass</p>",
        f"<p class='lead'>{ONE}</p>",
        "<p class='kicker-x'>A sentence that neither class nor head of the page confirms.</p>",
    ],
)
def test_standfirst_is_believed_only_with_evidence_and_said_once(before: str) -> None:
    """Captions and bylines are none, and what the text says already is not said twice."""
    assert text_of("", before=before) == text_of("")


def test_subheadings_between_the_chunks_of_a_body_belong_to_it() -> None:
    """Some systems put each passage into a box of its own, and the headings beside them."""
    chunks = "".join(
        f"<h3>Part {n}</h3><section class='article-content'>"
        f"<p>{ONE} {n}</p><p>{TWO} {n}</p></section>"
        for n in range(4)
    )
    page = f"<body><h1>Convoy reaches the base</h1><div>{chunks}</div></body>"
    kept = clean_page(page, URL).text.split("\n\n")
    assert [line for line in kept if line.startswith("Part")] == ["Part 1", "Part 2", "Part 3"]


def test_press_release_loses_its_number_its_end_mark_and_its_contact() -> None:
    """What frames an announcement is not its text."""
    html = (
        f"<p>Press release No. 14/2024</p><p>FOR IMMEDIATE RELEASE</p><p>{ONE}</p>{REST}"
        f"<p>{TWO}</p><p>- END -</p><p>Media contact</p><p>Press office, +00 0000 5550</p>"
    )
    kept = clean_entry(Entry(key="1", id="1", title="Convoy", content_html=html)).text
    assert kept.split("\n\n")[0] == ONE
    assert kept.split("\n\n")[-1] == TWO


CREDITS = [
    "The post <a href='/a'>Convoy</a> appeared first on <a href='/'>Paper</a>.",
    "Der Beitrag Konvoi erschien zuerst auf Blatt.",
    "L&#8217;article Convoi est apparu en premier sur Journal.",
    "La entrada Convoy se publicó primero en Diario.",
    "O post Comboio apareceu primeiro em Jornal.",
    "L'articolo Convoglio proviene da Giornale.",
    "Het bericht Konvooi verscheen eerst op Krant.",
    "Inlägget Konvoj dök först upp på Bladet.",
    "Artykuł Konwój pochodzi z serwisu Gazeta.",
    "Запись Колонна впервые появилась Газета.",
    "Konvoy yazısı ilk önce Gazete üzerinde ortaya çıktı.",
    "投稿 車列 は 新聞 に最初に表示されました。",
]


@pytest.mark.parametrize("credit", CREDITS)
def test_closing_line_of_wordpress_feeds_goes_in_its_languages(credit: str) -> None:
    """It is no text; and a cut mark before it still says that the text is cut."""
    whole = Entry(
        key="1", id="1", title="Convoy", content_html=f"{REST}<p>{ONE}</p><p>{credit}</p>"
    )
    assert clean_entry(whole).text.endswith(ONE)
    assert gives_full_text(whole)
    cut = Entry(key="1", id="1", content_html=f"{REST}<p>{ONE} [&hellip;]</p><p>{credit}</p>")
    assert not gives_full_text(cut)


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        (("Ingrid Vik, Tomas Reiner",), ("Ingrid Vik", "Tomas Reiner")),
        (("Ann Lee and Bo Ek", "Ann Lee"), ("Ann Lee", "Bo Ek")),
        (("desk@paper.example (Ann Lee)",), ("Ann Lee",)),
        (("ple (Ann Lee",), ("Ann Lee",)),
        (("Ek, Bo",), ("Ek, Bo",)),
        (("The News Desk 24",), ("The News Desk 24",)),
        ((), ()),
    ],
)
def test_author_fields_of_feeds_are_read_as_names(
    stated: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """Several names in one field are several authors; what is no list of names stays whole."""
    assert clean_entry(Entry(key="1", id="1", authors=stated)).authors == names


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("<meta name='author' content='April Fulton'>", "April Fulton"),
        ("<meta name='author' content='Harbour Editorial Team'>", "Harbour Editorial Team"),
        (
            "<meta name='twitter:label1' content='Written by'>"
            "<meta name='twitter:data1' content='Ann Lee'>",
            "Ann Lee",
        ),
    ],
)
def test_authors_that_pages_state_in_their_head(head: str, name: str) -> None:
    """Months are first names too; a desk counts where no person is named."""
    page = f"<html><head>{head}</head><body><h1>Convoy</h1>{REST}</body></html>"
    assert clean_page(page, URL).authors == (name,)


@pytest.mark.parametrize(
    ("last", "names"),
    [
        ("By Ann Lee", ("Ann Lee",)),
        ("By contrast", ()),
        ("By Friday the road was open", ()),
    ],
)
def test_paragraph_that_is_nothing_but_a_byline_names_the_author(
    last: str, names: tuple[str, ...]
) -> None:
    """Guests' texts are signed at their end; a short sentence is no signature."""
    page = f"<html><body><h1>Convoy</h1><div>{REST * 6}<p><em>{last}</em></p></div></body></html>"
    assert clean_page(page, URL).authors == names


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Best roads of 2024, compared - Paper</title>", "The best ten roads, compared"),
        ("<title>Weekly letter | Paper</title>", "Weekly letter"),
    ],
)
def test_title_is_the_heading_that_readers_see_if_the_head_means_the_same(
    head: str, title: str
) -> None:
    """Titles written for search engines give way; a heading of something else does not count."""
    page = f"<html><head>{head}</head><body><h1>The best ten roads, compared</h1>{REST}</body>"
    assert clean_page(page, URL).title == title
