"""Bodies of whole pages; each file in pages/, with its text beside it, shows one trap."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.articles import state
from monitor.articles.clean import body_text, clean_page

PAGES = Path(__file__).parent / "pages"


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.html")))
def test_body_is_exactly_the_article(name: str) -> None:
    """The body is the expected text, to the letter."""
    html = (PAGES / f"{name}.html").read_text("utf-8")
    expected = (PAGES / f"{name}.txt").read_text("utf-8").rstrip("\n")
    assert body_text(html, f"https://paper.example/{name}") == expected


def test_page_states_its_metadata_in_the_documented_order() -> None:
    """JSON-LD comes first, with references inside its graph; a generic section is skipped."""
    html = (PAGES / "wordpress.html").read_bytes()
    cleaned = clean_page(html, "https://harbour.example/2025/03/04/mine-clearing/?utm_source=rss")
    assert cleaned.title == "Navies of five states rehearse mine clearing in the strait"
    assert cleaned.authors == ("Ida Bergstrom",)
    assert cleaned.published is not None
    assert cleaned.published.isoformat() == "2025-03-04T08:15:00+01:00"
    assert cleaned.published_precision == "second"
    assert cleaned.modified is not None
    assert cleaned.section == "Maritime"
    assert cleaned.site == "Harbour Watch"
    assert cleaned.language == "en"
    assert cleaned.canonical_url == "https://harbour.example/2025/03/04/mine-clearing/"
    assert cleaned.problems == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("<!--", "-->"),
        ("//<![CDATA[\n", "\n//]]>"),
        ("/*<![CDATA[*/\n", "\n/*]]>*/;"),
    ],
)
@pytest.mark.parametrize("end", ["", ","])
def test_structured_data_is_read_as_pages_write_it(before: str, after: str, end: str) -> None:
    """Old marks that hide a script are taken off, and a comma before a bracket does no harm."""
    data = (
        '{"@graph": [{"@type": "Person", "@id": "/#2", "name": "Bo Ek"}, {"@type": ["NewsArticle"],'
        '"headline": "At sea, at\nlast", "author": '
        f'[{{"name": "Ann Lee"}}, {{"@id": "/#2"}}{end}]}}{end}]}}'
    )
    script = f"<script type='application/ld+json'>{before}{data}{after}</script>"
    page = f"<head>{script}</head><body><h1>At sea, at last</h1><p>{PARAGRAPH}</p></body>"
    cleaned = clean_page(page, "https://paper.example/x")
    assert cleaned.title == "At sea, at last"
    assert cleaned.authors == ("Ann Lee", "Bo Ek")


def test_of_several_articles_in_structured_data_that_with_the_title_is_the_page_s() -> None:
    """Others are listed too, often before it; where none has the title, the first counts."""
    one = '{"@type": "NewsArticle", "headline": "On land", "author": {"name": "Cy Fox"}}'
    two = '{"@type": "NewsArticle", "headline": "At sea", "author": {"name": "Ann Lee"}}'
    script = f"<script type='application/ld+json'>[{one}, {two}]</script>"
    for heading, author in (("At sea", "Ann Lee"), ("In the air", "Cy Fox")):
        page = f"<head>{script}</head><body><h1>{heading}</h1><p>{PARAGRAPH}</p></body>"
        assert clean_page(page, "https://paper.example/x").authors == (author,)


def test_embedded_post_is_kept_apart_and_signs_nothing() -> None:
    """A post's text is an embed with its own address; its signer is no author of the article."""
    html = (PAGES / "wordpress.html").read_text("utf-8")
    cleaned = clean_page(html, "https://harbour.example/a")
    (embed,) = cleaned.embeds
    assert embed.kind == "tweet"
    assert "#seapower" in embed.text
    assert embed.url == "https://twitter.example/fleetpress/status/42"
    assert "seapower" not in cleaned.text
    assert "Fleet Press" not in cleaned.authors


def test_feed_title_goes_before_the_page_and_is_not_repeated() -> None:
    """The feed's title is used; the page's own is still recognised and not repeated in the text."""
    html = (PAGES / "wordpress.html").read_text("utf-8")
    cleaned = clean_page(html, "https://harbour.example/a", title="Mine clearing begins")
    assert cleaned.title == "Mine clearing begins"
    assert "Navies of five states" not in cleaned.text


@pytest.mark.parametrize(
    ("why", "body"),
    [
        ("cookie wall", "<h1>Before you go on</h1><p>We use cookies. <button>x</button></p>"),
        ("paywall", "<h1>A title</h1><p>Subscribe to continue reading this story.</p>"),
        ("login", "<h1>Welcome</h1><p>Sign in to continue. Forgot your password?</p>"),
        ("error page", "<h1>404</h1><p>The page you were looking for could not be found.</p>"),
        ("robot check", "<h1>One moment</h1><p>Verify you are human to go on to the site.</p>"),
        (
            "robot check",
            "<h1>Sorry, you have been blocked</h1><p>The action you just performed "
            "triggered the security solution.</p><p>Cloudflare Ray ID: 8a</p>",
        ),
        ("robot check", "<p>Please enable JS and disable any ad blocker</p>"),
        (
            "robot check",
            "<h1>Проверка браузера</h1><p>Подождите: мы проверяем, что вы не робот.</p>",
        ),
        ("robot check", "<p>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</p>"),
        ("closed region", "<p>This site is unavailable to visitors from the European Union.</p>"),
        ("closed region", "<p>Sorry, this content is not available in your region.</p>"),
        (
            "error page",
            "<h1>Oops! That page can’t be found.</h1><p>It looks like nothing was found "
            "at this location. Maybe try a search?</p>",
        ),
        ("error page", "<h1>Page</h1><p>Page not found. Try the front door.</p>"),
        ("error page", "<h1>Błąd 404</h1><p>Strona, której szukasz, nie istnieje.</p>"),
        ("error page", "<h1>404</h1><p>На жаль, такої сторінки не існує.</p>"),
        ("error page", "<h1>404</h1><p>指定されたページは削除された可能性があります。</p>"),
        ("error page", "<h1>port.example</h1><p>This domain may be for sale.</p>"),
        (
            "cookie wall",
            "<h1>Bevor Sie weiterlesen</h1><p>Mit Ihrer Zustimmung verarbeiten wir und unsere 213 "
            "Partner Daten, um Inhalte und Anzeigen zu personalisieren.</p><p>Sie können Ihre "
            "Einwilligung jederzeit widerrufen. Oder lesen Sie mit dem Abo ohne Werbung.</p>",
        ),
        (
            "cookie wall",
            "<h1>Avant de continuer</h1><p>Nous et nos 213 partenaires stockons des informations "
            "sur votre appareil et les lisons, selon vos choix.</p>",
        ),
        (
            "cookie wall",
            "<h1>Prima di continuare</h1><p>Noi e i nostri 213 partner trattiamo dati personali "
            "secondo le tue preferenze.</p>",
        ),
        (
            "cookie wall",
            "<h1>Antes de seguir</h1><p>Utilizamos cookies propias y de terceros según sus "
            "preferencias. Solo tarda un segundo.</p>",
        ),
        ("cookie wall", "<h1>Bevor Sie fortfahren</h1><p>Wir verwenden Cookies und Daten.</p>"),
        (
            "cookie wall",
            "<h1>Jouw keuze</h1><p>De Havenkrant plaatst cookies om je bezoek te onthouden.</p>"
            "<p>Geef je toestemming voor deze cookies?</p><button>Akkoord</button>",
        ),
        (
            "cookie wall",
            "<h1>Våre cookies</h1><p>Havneavisen og våre partnere bruker cookies. Du kan "
            "samtykke til cookies eller endre dine valg.</p>",
        ),
        (
            "cookie wall",
            "<h1>Prywatność</h1><p>Nasz port i nasi partnerzy zapisują pliki cookies. Klikając, "
            "wyrażasz zgodę na cookies na Twoim urządzeniu.</p>",
        ),
        (
            "cookie wall",
            "<h1>Lesen</h1><p>Lesen Sie unsere Seite, wenn Sie unseren Cookies zustimmen. Oder "
            "lesen Sie ohne Cookies mit unserem Abo.</p>",
        ),
        (
            "cookie wall",
            "<h1>Privacidade</h1><p>Nós usamos cookies no porto. Ao aceitar os nossos cookies, "
            "você ajuda a nossa redação.</p>",
        ),
        ("login", "<h1>Log</h1><p>Your name</p><p>Forgotten password?</p><p>Please wait.</p>"),
        ("login", "<h1>Balance</h1><p>As announced in May, please sign in to see our reports.</p>"),
        (
            "paywall",
            "<h1>Convoy</h1><p>The convoy left on Monday.</p><h3>Looking to read the full "
            "article?</h3><p>Gain unlimited access to news with a subscription.</p>",
        ),
        (
            "paywall",
            "<h1>Convoi</h1><p>Le convoi est parti.</p><p>Il vous reste 71.3% de cet article à "
            "lire.</p>",
        ),
    ],
)
def test_walls_are_recognised_and_never_stored(why: str, body: str) -> None:
    """A wall has no text, and `problems` say which wall it is."""
    cleaned = clean_page(f"<html><body>{body}</body></html>", "https://paper.example/x")
    assert cleaned.text == ""
    assert any(why in problem for problem in cleaned.problems)


def test_a_notice_in_place_of_a_video_closes_no_short_report() -> None:
    said = "The Army barred three reporters from the base on Monday, and let them in on Tuesday."
    notice = "<p>This video is not available in your country.</p>"
    page = f"<html><body><article><h1>Base closed</h1><p>{said}</p>{notice}</article>"
    assert clean_page(page, "https://paper.example/x").text == said


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Access denied: Army bars reporters from base", "The Army barred reporters on Monday."),
        ("Seite nicht gefunden: Wie Archive verschwinden", "Tausende Seiten fehlen seit Montag."),
        ("Are you a robot? Navy tests sentries at its gates", "Four robots check cards there."),
    ],
)
def test_short_report_whose_title_begins_like_a_wall_is_an_article(title: str, said: str) -> None:
    """A title that says more than the wall would is that of a report, however short it is."""
    page = f"<html><head><title>{title}</title></head><article><h1>{title}</h1><p>{said}</p>"
    assert clean_page(page, "https://paper.example/x").text == said


@pytest.mark.parametrize(
    "said",
    [
        "Those who opened the broadcast read only “This content is not available in your country”, "
        "the regulator said on Monday.",
        "The navy's site is not available in your region, users in three countries were told.",
        "Readers will be asked to subscribe to continue reading from May, its owner said.",
        "„Seite nicht gefunden“ sahen alle Leser des Archivs, teilte das Amt am Montag mit.",
        'The clerk wrote "access denied" on all forty requests, according to the judge.',
        "Los lectores no pudieron entrar: página no encontrada, según su portavoz.",
        "Page introuvable pendant une heure sur le site du port, selon nos informations.",
        "The port was fined for its cookies on Monday. The cookies followed readers for a year.",
        "“We place cookies so that you find your way,” a port official said of the cookies.",
        "Scouts brought 4,800 boxes of cookies. Our sailors had your cookies aboard in an hour.",
        "Most sites may drop their cookie consent from May. Brussels found that four in five "
        "people accept cookies only to be rid of the box, and that nobody reads what stands in it.",
        "From May, cookies for statistics need no box. For others your browser answers. Few "
        "cookies are left then. Our own poll found that cookies are taken by all who find "
        "no other button, and that nobody who agreed could tell what these cookies are for.",
        "Inspectors gain full access to the halls of the plant for the first time since March.",
        "Those who want to read the full report will find it in the library of the port.",
        "Thieves entered the network through a forgotten password. Nothing was stolen.",
        "From Monday soldiers must log in to access their pay records with a second card.",
    ],
)
def test_short_report_that_tells_of_a_wall_is_an_article(said: str) -> None:
    """What somebody said of a wall, or read there, is no wall, however short the report is."""
    page = f"<article><h1>Regulator orders block lifted</h1><p>{said}</p></article>"
    cleaned = clean_page(page, "https://paper.example/x")
    assert (cleaned.text, cleaned.problems) == (said, ())


@pytest.mark.parametrize(
    "wall",
    [
        'Sorry, this content is not available in your region. Contact "Harbour News" for more.',
        'This is what happened: "Error 404", said our server. Page not found.',
        'To go on click "Sign in to continue" or ask the office.',
    ],
)
def test_wall_with_quotation_marks_is_a_wall(wall: str) -> None:
    """Walls quote the words on their buttons, and some are written to amuse."""
    page = f"<article><h1>Harbour News</h1><p>{wall}</p></article>"
    assert clean_page(page, "https://paper.example/x").text == ""


def test_long_article_about_walls_is_an_article() -> None:
    """The words of a wall do not count inside an article of some length."""
    paragraph = "<p>Papers ask readers to subscribe to continue reading, she said at length.</p>"
    more = "".join(
        f"<p>Paragraph {n} tells of the trade, its past and its debts.</p>" for n in range(20)
    )
    cleaned = clean_page(f"<body><h1>On walls</h1>{paragraph}{more}</body>", "https://p.example/")
    assert cleaned.text.startswith("Papers ask readers")
    assert cleaned.problems == ()


PARAGRAPH = "The mission ended on Friday after three weeks at sea, the navy said in a statement. "


def test_body_kept_for_scripts_is_read_where_the_page_shows_none() -> None:
    """Some sites keep the article in a template that a script puts in place."""
    hidden = f"<div class='post'><p>{PARAGRAPH}</p><p>{PARAGRAPH * 6}</p></div>"
    page = f"<body><h1>At sea</h1><script type='text/template'>{hidden}</script></body>"
    cleaned = clean_page(page, "https://paper.example/x")
    assert cleaned.text.startswith("The mission ended")
    assert cleaned.method == "page:template"


GALLERY = "<h2>Pictures of the week</h2>" + "".join(
    f"<figure><img><figcaption>Skater {n} falls on the canal at noon, and the crowd of village {n} "
    "laughs at it.</figcaption></figure>"
    for n in range(4)
)


@pytest.mark.parametrize(
    "below",
    [
        f"<section class='gallery-related'>{GALLERY}</section></article>",
        f"</article><section class='week'>{GALLERY}</section></main>",
        "<p>Its crew of ninety will rest for a month before the next one, which is to begin in "
        f"the spring.</p>{GALLERY}</article>",
    ],
)
def test_pictures_below_a_short_report_are_no_photo_essay(below: str) -> None:
    """A gallery of its own, beside the report or named as side matter, is not the report."""
    page = f"<body><main><article><h1>At sea</h1><p>{PARAGRAPH}</p>{below}</body>"
    cleaned = clean_page(page, "https://paper.example/x")
    assert cleaned.method != "page:captions"
    assert PARAGRAPH.strip() in cleaned.text
    assert "Skater" not in cleaned.text


@pytest.mark.parametrize(
    "said",
    [
        '"authors": [{"name": "Ann Lee"}, {"name": "Bo Ek"}], '
        '"publishedAt": "2026-05-21T06:30:00Z", "updatedAt": "2026-05-22T09:00:00Z"',
        '"byline": "By Ann Lee and Bo Ek", "published": true, "first_published_at": 1779345000000, '
        '"lastModified": "2026-05-22"',
        '"credits": {"by": [{"name": "Ann Lee"}, {"__ref": "Author:2"}]}, '
        '"datePublished": "2026-05-21T06:30:00Z", "dateModified": "2026-05-22T09:00:00Z"',
    ],
)
@pytest.mark.parametrize("head", ["At sea", "The Courier"])
def test_state_says_who_wrote_its_body_and_when(said: str, head: str) -> None:
    """Under the names of JSON-LD and those near to them; the title too, where the page's is that
    of all its pages. What a state says of other articles does not count."""
    body = f"<p>{PARAGRAPH * 4}</p><p>{PARAGRAPH.upper() * 4}</p>"
    state = (
        f'{{"Author:2": {{"name": "Bo Ek"}}, "story": {{"title": "At sea", {said}, '
        f'"body": "{body}"}}, "more": [{{"title": "On land", "authors": ["Cy Fox"]}}]}}'
    )
    page = f"<head><title>{head}</title></head><body><script>s.state = {state}</script></body>"
    cleaned = clean_page(page, "https://paper.example/x")
    assert cleaned.method == "page:state"
    assert cleaned.title == "At sea"
    assert cleaned.authors == ("Ann Lee", "Bo Ek")
    assert cleaned.published is not None
    assert cleaned.modified is not None
    assert cleaned.published.isoformat() == "2026-05-21T06:30:00+00:00"
    assert cleaned.modified.date().isoformat() == "2026-05-22"


@pytest.mark.parametrize(
    "story",
    [
        '{{"seo": {{"title": "At sea"}}, "byline": "Ann Lee", "main": {{"blocks": [{0}]}}}}',
        '{{"title": {{"content": {{"text": "At sea"}}}}, "author": "Ann Lee", "blocks": [{0}]}}',
        '{{"seo": {{"title": "At sea"}}, "story": {{"author": "Ann Lee", "blocks": [{0}]}}}}',
        '{{"head": {{"hero": {{"heading": "At sea"}}}}, "author": {{"data": [{{"attributes": '
        '{{"name": "Ann Lee"}}}}]}}, "rich": {{"blocks": [{0}]}}}}',
    ],
    ids=[
        "beside the body",
        "in parts of its own",
        "beside what holds the body",
        "in a part of what is beside the body",
    ],
)
def test_the_title_in_a_state_may_stand_beside_the_body(story: str) -> None:
    """Then the innermost object that holds both is the article's, not one around several."""
    block = '{{"type": "text", "value": {{"html": "<p>{}</p>"}}}}'
    texts = [(text * 2).strip() for text in (PARAGRAPH, f"Again: {PARAGRAPH}")]
    own = ", ".join(map(block.format, texts))
    other = ", ".join(block.format(f"Another paragraph, number {n}. " * 6) for n in range(9))
    value = f'{{"page": {story.format(own)}, "next": {{"blocks": [{other}]}}}}'
    page = f"<head><title>At sea</title></head><body><script>s.state = {value}</script></body>"
    cleaned = clean_page(page, "https://paper.example/x")
    assert cleaned.text.split("\n\n") == texts
    assert cleaned.authors == ("Ann Lee",)


@pytest.mark.parametrize(
    "state",
    [
        '{{"seo": {{"title": "At sea"}}, "part": {{"title": "Tugs", "html": "{0}"}}}}',
        '{{"seo": {{"title": "At sea"}}, "next": {{"slug": "tugs", "html": "{0}"}}}}',
        '{{"title": "At sea", "relatedArticles": [{{"slug": "tugs", "html": "{0}"}}]}}',
    ],
    ids=["its own title", "named as the next", "named as related"],
)
def test_another_articles_body_in_a_state_is_not_taken(state: str) -> None:
    """However short the page's own text is: the title of the page speaks for its own alone."""
    own = "The ships left at noon, the port said. Nobody saw them go."
    other = "".join(f"<p>Tug number {n} was painted red in the yard.</p>" for n in range(30))
    script = f"<script>s.state = {state.format(other)}</script>"
    shown = f"<h1>At sea</h1><div class='entry-content'><p>{own}</p></div>"
    page = f"<head><title>At sea</title></head><body>{shown}{script}</body>"
    assert clean_page(page, "https://paper.example/x").text == own


def test_a_chapters_title_in_a_state_is_not_the_pages() -> None:
    """Where the state has the page's title too, that one is no title of a mere frame."""
    body = "".join(
        f"<p>Ship number {n} left the harbour at noon for the north.</p>" for n in range(20)
    )
    state = f'{{"seo": {{"title": "At sea"}}, "part": {{"title": "Before", "html": "{body}"}}}}'
    page = f"<head><title>At sea</title></head><body><script>s.state = {state}</script></body>"
    cleaned = clean_page(page, "https://paper.example/x")
    assert cleaned.title == "At sea"
    assert cleaned.text.startswith("Ship number 0")


def test_state_names_ten_authors_at_most() -> None:
    """Lists inside of lists do not multiply, nor does a list in each object referred to."""
    many = ", ".join(['{"__ref": "Author:2"}'] * 10)
    markup = f"<p>{PARAGRAPH * 4}</p><p>{PARAGRAPH.upper() * 4}</p>"
    names = ", ".join(f'"Bo Ek {n}"' for n in range(10))
    value = (
        f'{{"Author:2": {{"name": [{names}]}}, "story": {{"title": "At sea", '
        f'"authors": [{many}, "Cy Fox"], "byline": [[{names}], [{names}]], "body": "{markup}"}}}}'
    )
    stated = state.read([value], ["At sea"], only_titled=True)
    assert len(stated.authors) == 10


def test_body_only_in_structured_data_is_the_last_resort() -> None:
    """JSON-LD's articleBody is used if the page has hardly any text, and `method` says so."""
    data = f'{{"@type": "NewsArticle", "headline": "At sea", "articleBody": "{PARAGRAPH * 9}"}}'
    page = (
        f"<head><script type='application/ld+json'>{data}</script></head>"
        f"<body><h1>At sea</h1><p>{PARAGRAPH}</p></body>"
    )
    cleaned = clean_page(page, "https://paper.example/x")
    assert (cleaned.method, cleaned.words) == ("page:json-ld", len(PARAGRAPH.split()) * 9)


HEAD = (
    "<html lang=en><head><title>{title}</title><meta property=og:title content='{og}'>{data}"
    "<meta property=og:site_name content='Harbour Post'></head>"
)
DATA = '<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{0}"}}</script>'


@pytest.mark.parametrize(
    ("title", "og", "headline", "h1", "expected"),
    [
        (
            "Talks in Brussels: Ministers agree on ships",
            "Ministers agree on ships",
            "Talks in Brussels: Ministers agree on ships",
            "Talks in Brussels: Ministers agree on ships",
            "Ministers agree on ships",
        ),
        (
            "The yearly prize of the old harbour town: Ministers agree on ships",
            "Ministers agree on ships",
            "The yearly prize of the old harbour town: Ministers agree on ships",
            "The yearly prize of the old harbour town: Ministers agree on ships",
            "The yearly prize of the old harbour town: Ministers agree on ships",
        ),
        (
            "Ministers agree on ships",
            "Ministers agree on ships",
            "Ministers agree on ships",
            "Ministers agree on ships and on who pays for them",
            "Ministers agree on ships and on who pays for them",
        ),
        (
            "Ministers agree on ships",
            "Ministers agree on ships",
            "Sample menus",
            "Ministers agree on ships",
            "Ministers agree on ships",
        ),
        (
            "Ministers agree on ships - Harbour Post",
            "Ministers agree on ships - Harbour Post",
            "Ministers agree on ships",
            "Ministers agree on ships - Harbour Post",
            "Ministers agree on ships",
        ),
        (
            "国防部长同意联合巡逻_港口报",
            "国防部长同意联合巡逻_港口报",
            "国防部长同意联合巡逻",
            "港口报",
            "国防部长同意联合巡逻",
        ),
    ],
    ids=[
        "kicker",
        "no kicker: too long",
        "cut headline",
        "headline of something else",
        "site",
        "no spaces",
    ],
)
def test_the_title_is_what_readers_see(
    title: str, og: str, headline: str, h1: str, expected: str
) -> None:
    """A topic before the headline is dropped if og:title lacks it, and a cut headline is completed.

    A headline that shares no word with the page's other titles is not this article's.
    """
    head = HEAD.format(title=title, og=og, data=DATA.format(headline))
    text = "<p>" + "The ministers met in the old harbour and spoke of it for an hour. " * 9 + "</p>"
    page = f"{head}<body><article><h1>{h1}</h1>{text}</article></body>"
    assert clean_page(page, "https://paper.example/a").title == expected
