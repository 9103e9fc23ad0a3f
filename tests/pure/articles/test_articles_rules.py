"""The rules of cleaning one by one, with snippets that they remove or keep."""

from __future__ import annotations

import pytest

from monitor.articles.clean import clean_entry, clean_page
from monitor.articles.lines import Known, Line, article_lines
from monitor.articles.merge import gives_full_text
from monitor.model import Entry

URL = "https://paper.example/story"
ONE = "The convoy reached the northern base on Friday after a march of eleven hours in snow."
TWO = "Its commander said that the road had been worse than the weather, and the weather was bad."
REST = "".join(
    f"<p>Section {n} of the road was cleared by its own crew, who had come from village {n}.</p>"
    for n in range(12)
)


LONG = "<p>" + " ".join(
    f"Crew {n} had cleared its own part of the road by noon." for n in range(90)
)
INTRO = (
    "<p>A road over the pass is not one road but many, and each has its own crew and snow.</p>"
    "<p>We have asked drivers, crews and accountants what each part of it is for, and what is to "
    "be paid in the end for keeping it open from the first frost to the last one in spring.</p>"
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
        "<p>The convoy in the pass. (U.S. Border Corps photo by Sgt. Ann Lee)</p>",
        "<p>The convoy in the pass. (Border Corps courtesy photo)</p>",
        "<p>The convoy in the pass, seen from the north. (Photo courtesy of Ann Lee)</p>",
        "<p><a href='/x'>Bridge closed for a week</a></p><p>3. 10. 2024 13:31 Uhr</p>",
        "<h3>More Great Road Stories</h3><ul><li><a href='/a'>A</a></li></ul>",
        "<p>This video is currently not available in your country.</p>",
        "<p>Empfohlener redaktioneller Inhalt</p>",
        "<amp-ad><div>The advertisement is being fetched, please wait.</div></amp-ad>",
        "<div class='ilgili'><span>Buzlu yolda kazalar arttı</span></div>",
        "<p><span>Share</span><span>Tweet</span><span>Pin</span></p>",
        "<p><b>Stay ahead.</b> Get our Friday letter in your inbox. Write here.</p>",
        "<p>Якщо ви помітили помилку, виділіть її мишкою.</p>",
        "<p>Нашли опечатку? Сообщите нам.</p>",
        "<p><a href='/g'>Click here</a> to see the gallery.</p>",
        "<p>To read the full document, please log in or create a free account.</p>",
        "<p>Already registered? Please sign in to leave a comment.</p>",
        "<p>Become a member today.</p>",
        "<p>Road News is supported by its readers. When you buy through links, we may earn.</p>",
        "<p>The Pass is a reader-supported publication. To support it, consider becoming one of "
        "our members.</p>",
        "<p>To read the full story, log in or create an account.</p>",
        "<p>Reporter: Ana Lis, Bo Ek</p>",
        "<p>Stay up to date with the best of the pass by following our channel.</p>",
        "<p>Pewarta: Ana Lis</p><p>Editor: Bo Ek</p>",
        "<div class='media__description'>The convoy in the pass on Thursday morning.</div>",
        "<div><a href='/x'>Bridge closed for a week</a></div><div>3 октября, 14:20</div>",
        "<p>(ATTN: UPDATES with the commander's words in paras 4-6)</p><p>(END)</p>",
        "<p>Join our WhatsApp channel for the latest from the pass</p>",
        "<p>Przeczytaj także: zima na granicy</p>",
        "<p>Διαβάστε επίσης: Ο χειμώνας στα σύνορα</p>",
        "<p>Lue myös: Talvi rajalla</p>",
        "<p>İlgili haber: Sınırda kış</p>",
        "<p>اقرأ أيضا: الشتاء على الحدود</p>",
        "<p>קראו גם: החורף בגבול</p>",
        "<p>همچنین بخوانید: زمستان در مرز</p>",
        "<p>【関連記事】国境の冬</p>",
        "<p>저작권자 ⓒ 국경일보. 무단 전재 및 재배포 금지.</p>",
        "<p>Eds: UPDATES with quote from the commander. Will be updated.</p>",
        "<p>Editors: RECASTS with the second convoy.</p>",
        "<p>Forwarded this email? Subscribe here.</p>",
        "<p>Email this story to a friend | Print</p>",
        "<p>Help us improve our website by telling us what was wrong.</p>",
        "<p>Über dieses Thema berichtete die Rundschau am 3. Oktober 2024.</p>",
        "<div><a href='/x'>Bridge closed for a week</a><span>2 Oct, 10:00</span></div>",
        "<p>The convoy in the pass (Picture source: Border Systems)</p>",
        "<p>(aul/dnu)</p>",
        "<p>Baca juga: Musim dingin di perbatasan</p>",
        "<p>Xem thêm: Mùa đông ở biên giới</p>",
        "<p>(With inputs from agencies)</p>",
        "<p>Catch all the Breaking News and Top Headlines on Border Post.</p>",
        "<p>Il vous reste 62.5% de cet article à lire. La suite est réservée aux abonnés.</p>",
        "<p>לכתבות נוספות בנושא: החורף בגבול</p>",
        "<p>SOURCE Border Systems AB</p>",
        "<p>Media Contact: Press Office, 555-0100, press@border.example</p>",
        "<p>Media relations</p>",
        "<p>convoy@border.example</p>",
        "<p>This entry was posted on Friday, October 4th, 2024 and is filed under Roads. "
        "You can follow any responses to this entry through the RSS 2.0 feed.</p>",
        "<p>Do you have a story for us? Write to convoy@border.example</p>",
        "<p>For more stories like this, check our news page.</p>",
        "<p>Our journalism needs your support. Donate today.</p>",
        "<p>Our newsroom is funded by readers like you.</p>",
        "<p>Do you have any information about the road? Get in touch with our desk.</p>",
        "<p>Do you have a tip for us?</p>",
        "<p>Tin liên quan: Mùa đông ở biên giới</p>",
        "<p>Bài viết liên quan</p>",
        "<p>Źródło: Border Post</p>",
        "<p>分享到微信</p>",
        "<p>Do you have photos of the convoy to share? Please send them to our desk.</p>",
        "<p>You can leave a response, or trackback from your own site.</p>",
        "<p>The convoy in the pass (AFP/Ann Lee)</p>",
        "<p>Mehr zum Thema: Der Pass im Winter</p>",
        "<p>Mehr erfahren Sie hier.</p>",
        "<p>Add Border Post as a preferred source on Google</p>",
        "<p>WIDEO: Tak jedzie kolumna</p>",
        "<p>Новости с границы в Telegram. Подписывайтесь на наш канал</p>",
        "<p>Новини з кордону в Telegram. Підписуйтесь на наш канал</p>",
        "<p>北部旅官兵在雪地演练。张三 摄</p>",
        "<p>图为车队通过山口。</p>",
        "<p>（山田太郎、鈴木花子）</p>",
        "<p>김하늘 기자 haneul@border.example</p>",
        "<div><img><span class='cmp-image__title'>The convoy in the pass</span></div>",
        "<div itemscope itemtype='https://schema.org/ImageObject'>The convoy in the pass</div>",
        "<div><img><p itemprop='caption'>The convoy in the pass, seen from the north.</p></div>",
        "<p>VIRIN: 241003-N-QX412-1088</p>",
        "<p>5 hours ago</p>",
        "<p>vor 3 Stunden</p>",
        "<p>il y a 2 jours</p>",
        "<p>för 12 minuter sedan</p>",
        "<p>3 години тому</p>",
        "<p>Publisert 3. oktober kl. 09:00</p>",
        "<p>Updated: Oct. 3, 9:05 a.m. EDT</p>",
        "<p>Your browser does not support the video tag.</p>",
        "<p>Ihr Browser unterstützt keine Videos.</p>",
        "<p>Ваш браузер не підтримує відтворення відео.</p>",
        "<p>Dalsza część artykułu pod materiałem wideo</p>",
        "<p>Pierwsza publikacja:</p>",
        "<div>[PR]</div>",
        "<p><a href='/1'>Learn More</a></p><p>Our Sunday letter brings launches. Sign up for the "
        "newsletter.</p><p><a href='/2'>Learn More</a></p>",
    ],
)
def test_what_recurs_on_pages_of_all_houses_goes(inside: str) -> None:
    """Offers around a button, author boxes, captions, dated links and players' notices go."""
    assert text_of(inside) == text_of("")


@pytest.mark.parametrize(
    "inside",
    [
        "<p>Readers who want to <a href='/s'>subscribe now</a> have to wait, the press said.</p>",
        "<p>The march began on 3 October 2024 at dawn, which is late for the season there.</p>",
        "<p><a href='/p/1'>Ann Lee</a> <span>of the road office said that all was well.</span></p>",
        "<p>По теме переговоров министр высказался коротко.</p>",
        "<p>Rus Telegram kanalları saldırıyı bildirdi.</p>",
        "<p>未经许可，外国舰艇不得进入该海域。</p>",
        "<p>相关报道称，演习将持续三天。</p>",
        "<p>اشترك الجيش في المناورات قرب الحدود.</p>",
        "<p>This post is held by nine members.</p>",
        "<p>This article of the treaty was amended in 1998, the ministry said on Monday.</p>",
        "<p>Correction: the march took eleven hours, not twelve, as was written here.</p>",
        "<p>Eds: Nobody wanted to go on that night, and nobody did.</p>",
        "<p>More on that in March.</p>",
        "<h3>Share of the cost</h3>",
        "<h3>Topics of the meeting</h3>",
        "<p>Copyright on the old maps lies with the road office, which has never sold them.</p>",
        "<p>Related news came from the village, where it snowed too.</p>",
        "<p>Mehr von ihnen kamen aus dem Norden, sagte der Kommandeur am Freitag.</p>",
        "<p>With help from the village, the second plough was on the road by noon.</p>",
        "<p><a href='/p/1'>Ann Lee</a> reached the pass at 10:20, before all others.</p>",
        "<p>Source of the trouble was the ice on the northern side, the crews said on Friday.</p>",
        "<p>Media relations have been poor since the accident, the commander said.</p>",
        "<p>This entry was posted to the northern side, where nobody had stood before.</p>",
        "<p>Do you have a story about the pass that is older than the road, he asked them.</p>",
        "<p>Do you have any news from the village? she asked.</p>",
        "<p>Do you have more information about the road that was closed?</p>",
        "<p>Our reporting relies on what drivers and crews have told us since the spring.</p>",
        "<p>Our work depends on the weather, the commander said, and the weather was bad.</p>",
        "<p>Министр призвал: подписывайтесь на контракт до конца года.</p>",
        "<p>记者在山口看到，当地居民正在拍摄</p>",
        "<p>（山田太郎氏は北部方面隊の元司令官である。）</p>",
        "<p>The map was redrawn (it is not good enough for photo editing, but shows the road).</p>",
        "<p>Its plough stands at the pass. (The text goes on below the photo.)</p>",
        "<p>11 responses came from the villages, and all of them were about the snow.</p>",
        "<p>Die Kolonne sei am Freitag angekommen, teilte das Straßenamt mit. (AFP/dpa)</p>",
        "<p>The convoy had lost two ploughs on the northern side (AP/Reuters).</p>",
        "<p>Do you have any figures to share on the ploughs? I do not, said the commander.</p>",
        "<p>Do you have an update for us on the road? We are still looking into that.</p>",
        "<p>Do you have more ploughs? He refused to contact the village.</p>",
        "<p>You can follow any responses of the radar on the screen, said the driver.</p>",
        "<p>Mehr erfahren die Dörfer erst, wenn der Bericht des Straßenamtes vorliegt.</p>",
        "<p>Tin liên quan đến vụ tai nạn trên đèo đang được xác minh.</p>",
        "<p>Lihat juga jalan lama yang masih dibuka untuk mobil kecil di lembah itu.</p>",
        "<p>分享信息是双方的义务。</p>",
        "<p>Źródło informacji o wypadku na przełęczy milczy.</p>",
        "<p>İlgili haberler köyden geldi, yol kapalıydı.</p>",
        "<p>Mehr zum Thema wollte der Kommandeur am Montag nicht sagen.</p>",
        "<p>Five hours ago the road was closed.</p>",
        "<p>Published reports of the road office say that it snowed from 10:20 until noon.</p>",
        "<p>Posted a loss of $3.25 bn</p>",
        "<p>Updated budget reaches 2.35 pct</p>",
        "<p>Ihr Browser kann Sie verraten.</p>",
        "<p>Uw browser kan gehackt worden.</p>",
        "<p>Votre navigateur ne peut rien cacher.</p>",
        "<p>Publicerad rapport visar 3.50</p>",
        "<p>Il y a 2 jours de marche entre la base et le col, dit le commandant.</p>",
        "<p>Click here to see that nobody had told the drivers of the snow on the pass.</p>",
        "<p>Please sign into law what was agreed, she asked the president on the pass.</p>",
        "<p>To read the sky, the drivers said, one has to log in snow and in rain.</p>",
        "<p>Your browser history is kept for a year, the ministry told the drivers.</p>",
        "<p>REPORTER: How many ploughs were there?</p>",
        "<p>Reporter: Will the road be open?</p>",
        "<p>REPORTER: Admiral Lee</p>",
        "<p>Join our group, the commander told the drivers of both villages.</p>",
        "<div class='media-release-info'>The army has told it on its own channel already.</div>",
        "<p>Editor: The Pass, a novel of the road</p>",
        "<p>The Pass, which is funded by its readers, was searched on Monday by nine men.</p>",
        "<p>The Pass is reader-funded, employs ten people and was searched on Monday.</p>",
        "<p>To access the form, log in with your card at the office of the pass.</p>",
    ],
)
def test_what_only_looks_like_it_stays(inside: str) -> None:
    """A link inside a sentence is no button, a date in one makes no teaser, and a sentence that
    only begins like a notice is none.
    """
    kept = text_of(inside).split("\n\n")
    assert len(kept) == len(text_of("").split("\n\n")) + 1


def test_cells_that_head_a_row_may_be_numbers() -> None:
    """Years are such heads; a lone number elsewhere is a button or a count."""
    row = "<tr><th>2027</th><td>4</td></tr>"
    assert "2027\n\n4" in text_of(f"<table>{row}</table><p>12</p>")
    assert "12" not in text_of("<p>12</p>").split("\n\n")


def test_marks_of_notes_in_roman_figures_go() -> None:
    """As those in arabic figures."""
    marked = text_of("<p>The road was open by noon.<a href='#n2'>[ii]</a><a href='#n3'>[3]</a></p>")
    assert "The road was open by noon.\n" in marked


def test_dates_that_head_the_entries_of_a_chronology_stay() -> None:
    """They stand behind text; those behind a link, or with the hour, date another report."""
    dates = [f"{day} October 2024" for day in (3, 4, 5)]
    entries = "".join(f"<p><b>{date}</b></p><p>{ONE} {date}.</p>" for date in dates)
    assert [line for line in text_of(entries).split("\n\n") if line in dates] == dates
    others = "".join(f"<p>{TWO} {n}.</p><p>{n} October 2024, 13:31</p>" for n in (3, 4, 5))
    assert "13:31" not in text_of(others)


def test_the_only_h1_is_the_title_though_a_subheading_is_a_part_of_it() -> None:
    """The head says it in other words; what stands before the subheading is text."""
    data = '{"@type": "Article", "headline": "The best snow ploughs in 2024 for mountain roads"}'
    page = (
        f"<html><head><script type='application/ld+json'>{data}</script></head><body><main>"
        f"<h1>The best snow ploughs for mountain roads, tried</h1><div>{INTRO}</div>"
        f"<div><h2>The best snow ploughs</h2><p>{TWO}</p>{REST}</div></main></body></html>"
    )
    assert clean_page(page, URL).text.startswith("A road over the pass")


def test_an_h1_below_the_title_that_is_shown_without_one_is_text() -> None:
    """Some houses make the line under the title the heading, for search engines."""
    head = "<title>Convoy reaches the base</title>"
    shown = f"<div class='article__title'>Convoy reaches the base</div><h1>{STANDFIRST}</h1>"
    page = f"<html><head>{head}</head><body><div>{shown}</div><div><p>{ONE}</p>{REST}</div></body>"
    cleaned = clean_page(page, URL)
    assert cleaned.title == "Convoy reaches the base"
    assert cleaned.text.startswith(f"{STANDFIRST}\n\n{ONE}")


def test_a_bar_that_shows_the_title_below_the_text_is_not_its_head() -> None:
    """Such bars follow the reader; the title in the head need not be that of the heading."""
    title = "Convoy comes in from the cold"
    head = f"<title>{title}</title><meta property='og:title' content='{title}'>"
    own = f"<main><h1>Base is reached</h1><p class='intro'>{STANDFIRST}</p><div><p>{ONE}</p></div>"
    bar = f"<div class='bar'><span class='bar-title'>{title}</span></div>"
    house = f"<div><p>{ONE.replace('convoy', 'paper')}</p><p>{TWO}</p></div>"
    text = clean_page(f"<html><head>{head}</head><body>{own}</main>{bar}{house}</body>", URL).text
    assert text.startswith(f"{STANDFIRST}\n\n{ONE}")


@pytest.mark.parametrize("mark", ["<span>12:{0}</span>", ""], ids=["ticker", "blurbs"])
def test_reports_listed_beside_a_short_one_are_not_its_text(mark: str) -> None:
    """Each has a link on a line of its own, which need be no heading, and a few words."""
    others = "".join(
        f"<div class='n'>{mark.format(n)}<a href='/n/{n}'>Village number {n} is open</a>"
        f"<p>{TWO} So it was in village {n}, where the plough had come first.</p></div>"
        for n in (10, 20, 30, 40)
    )
    page = f"<h1>Convoy reaches the base</h1><div><p>{ONE}</p></div><div>{others}</div>"
    assert clean_page(f"<html><body>{page}</body>", URL).text == ONE


@pytest.mark.parametrize(
    "around",
    [
        "<div><p>" + ONE + "</p><ul>{}</ul></div>",
        "<div><p>" + ONE + "</p>{}</div>",
        "<div class='lead'>" + ONE + "</div><div class='entry-content'><ul>{}</ul></div>",
    ],
    ids=["list below a paragraph", "items below a paragraph", "list in a body"],
)
def test_a_round_of_reports_is_text(around: str) -> None:
    """What a house tells of its own reports, one by one, is an article too."""
    items = "".join(
        f"<li><a href='/n/{n}'>Village number {n} is open</a><p>{TWO} So it was in village {n}.</p>"
        for n in (10, 20, 30, 40)
    )
    page = f"<html><body><h1>The week on the pass</h1>{around.format(items)}</body>"
    assert clean_page(page, URL).text.count(TWO) == 4


def test_a_page_of_nothing_but_linked_reports_keeps_them() -> None:
    """Without them there would be no text; what stands above need be no paragraph."""
    items = "".join(
        f"<section><p><a href='/n/{n}'>Village number {n} is open</a></p><p>{TWO} As in {n}.</p>"
        "</section>"
        for n in (10, 20, 30, 40)
    )
    for intro in ("", "<div>Four villages are open again.</div>"):
        page = f"<html><body><h1>Villages on the pass</h1>{intro}<div>{items}</div></body>"
        assert clean_page(page, URL).text.count(TWO) == 4


def test_titles_of_posts_with_day_and_hour_stay() -> None:
    """They are no teasers: each has its text below."""
    posts = "".join(
        f"<div><h3><a href='#p{n}'>Village {n} is reached</a></h3><p>{n} May, 10:1{n}</p>"
        f"<p>{ONE} It was village {n}.</p></div>"
        for n in (1, 2, 3)
    )
    text = text_of(posts)
    assert [f"Village {n} is reached" in text for n in (1, 2, 3)] == [True] * 3


@pytest.mark.parametrize(
    "entry",
    [
        "<li><a href='/n/{0}'>Village number {0}</a>: {1} So it was in village {0} too.</li>",
        "<div><p>{1} <a href='/n/{0}'>Village number {0}</a> was no better off.</p></div>",
        "<div><a href='/who/{0}'>Ann Lee Rode ({0})</a><p>{1} And I say so {0} times.</p></div>",
        "<div><a href='https://other.example/{0}'>Village number {0}</a><p>{1} Also {0}.</p></div>",
    ],
)
def test_entries_that_begin_with_or_contain_a_link_are_text(entry: str) -> None:
    """It goes on behind the link, has spoken itself, or the link leads to another house."""
    entries = "".join(entry.format(n, TWO) for n in (10, 20, 30, 40))
    page = f"<h1>Convoy reaches the base</h1><div><p>{ONE}</p>{entries}</div>"
    assert clean_page(f"<html><body>{page}</body>", URL).text.count(TWO) == 4


def test_a_topic_above_the_title_is_no_text() -> None:
    """What stands above the heading in the same frame says where the article belongs."""
    text = f"<p>{ONE}</p><p>{TWO}</p>"
    page = f"<body><article><header><p>North</p><h1>Convoy</h1></header>{text}</article></body>"
    assert clean_page(page, URL).text == f"{ONE}\n\n{TWO}"


def test_quotations_between_the_chunks_of_a_body_belong_to_it() -> None:
    """As subheadings do; one with a link may be that of another site's post."""
    chunk = f"<div class='article-content'><p>{ONE} {{0}}</p><p>{TWO} {{0}}</p></div>"
    quote = "<div><blockquote><p>The road had been worse.</p></blockquote></div>"
    post = "<blockquote><p>See <a href='/x'>this</a></p></blockquote>"
    page = f"<h1>Convoy</h1><div>{chunk.format(1)}{quote}{post}{chunk.format(2)}</div>"
    kept = clean_page(f"<body>{page}</body>", URL).text.split("\n\n")
    assert kept == [f"{ONE} 1", f"{TWO} 1", "The road had been worse.", f"{ONE} 2", f"{TWO} 2"]


def test_hover_card_behind_a_name_is_no_part_of_the_sentence() -> None:
    """The name stays, once, and what the card says of other reports goes."""
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
        (f"<h2>{STANDFIRST}</h2>", ""),
        (f"<div class='news-header__lead'>{STANDFIRST[-31:]}</div>", ""),
    ],
)
def test_standfirst_opens_the_text_wherever_it_stands(before: str, head: str) -> None:
    """A standfirst is known by its class or the page's description; it needs no full stop."""
    assert text_of("", head, before).split("\n\n")[0].endswith(STANDFIRST[-31:])


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
    """Captions and bylines are no standfirst, and one that the text has already is not repeated."""
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


@pytest.mark.parametrize(
    "head", ["<p>Media contact</p>", "<h2>Contacts</h2>", "<h3>Pressekontakt</h3>"]
)
def test_press_release_loses_its_number_its_end_mark_and_its_contact(head: str) -> None:
    """What frames an announcement is not its text."""
    html = (
        f"<p>Press release No. 14/2024</p><p>FOR IMMEDIATE RELEASE</p><p>{ONE}</p>{REST}"
        f"<p>{TWO}</p><p>- END -</p>{head}<p>Press office, +00 0000 5550</p>"
    )
    kept = clean_entry(Entry(key="1", id="1", title="Convoy", content_html=html)).text
    assert kept.split("\n\n")[0] == ONE
    assert kept.split("\n\n")[-1] == TWO


def test_short_paragraphs_between_long_ones_beside_a_part_belong_to_it() -> None:
    """Bare paragraphs are one run of text, and go together or not at all."""
    long = "The convoy set out at night and halted twice, since the road was under snow. " * 3
    short = "It was cold, and nobody had told the drivers why."
    before = f"<p>{long}</p><p>{short}</p><p>{long}</p>"
    page = (
        f"<body><main><h1>Convoy reaches the base</h1><div>{before}<div class='toggle-group'>"
        f"{LONG * 2}</p></div></div></main></body>"
    )
    assert clean_page(page, URL).text.split("\n\n")[1] == short


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"<div class='a'>{INTRO}</div>", ""),
        (f"<div><div class='b'>{INTRO}</div></div><div>Share</div>", ""),
        ("", f"<div class='text'>{INTRO}</div>"),
    ],
    ids=["before", "before, in a frame", "behind, of the same kind"],
)
def test_paragraphs_beside_a_part_with_nearly_all_of_the_text_belong_to_it(
    before: str, after: str
) -> None:
    """Live blogs and lists of things open with paragraphs of their own; some systems put each
    passage into a box."""
    page = (
        f"<body><main><h1>Convoy reaches the base</h1>{before}<div class='text'>{LONG}</p></div>"
        f"{after}</main></body>"
    )
    kept = clean_page(page, URL).text.split("\n\n")
    assert len(kept) == 3
    assert kept[0].startswith("Crew 0" if after else "A road over the pass")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "<div><p>The links below may earn us a share of what you buy there.</p></div>",
            "",
        ),
        (f"<div class='related'>{INTRO}</div>", ""),
        (f"<div>{INTRO.replace('<p>', '<div>').replace('</p>', '</div>')}</div>", ""),
        (f"<div><h3><a href='/x'>The bridge</a></h3>{INTRO}</div>", ""),
        ("", f"<div class='box'>{INTRO}</div>"),
        ("", f"<div class='text'><h3><a href='/x'>The bridge</a></h3>{INTRO}</div>"),
        ("<div class='row col-md-8'>", f"</div><div class='row col-md-8'>{INTRO}</div>"),
    ],
    ids=[
        *("a notice", "named as furniture", "no paragraphs", "before, with a title of its own"),
        *("behind, of another kind", "behind, with a title of its own", "behind, in a row"),
    ],
)
def test_what_else_stands_beside_the_text_stays_out(before: str, after: str) -> None:
    """A notice is shorter, a summary in a box has no paragraphs, and behind it are other things."""
    page = (
        f"<body><main><h1>Convoy reaches the base</h1>{before}<div class='text'>{LONG}</p></div>"
        f"{after}</main></body>"
    )
    assert clean_page(page, URL).text.startswith("Crew 0")
    assert "\n\n" not in clean_page(page, URL).text


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
    """The line goes, and a cut mark before it still shows that the text is cut."""
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
        (("De Luca, Marco",), ("De Luca, Marco",)),
        (("a@b.test (van der Berg, Anna)",), ("van der Berg, Anna",)),
        (("Ann Lee, Bo Ek, Reuters",), ("Ann Lee", "Bo Ek")),
        (("By Ann Lee, Oslo",), ("Ann Lee",)),
        (("By Ann Lee, admiral",), ("Ann Lee",)),
        (("Ann Lee, admiral",), ("Ann Lee",)),
        (("von der Lind, Ursula",), ("von der Lind, Ursula",)),
        (("Da Costa Lis, Ana",), ("Da Costa Lis, Ana",)),
        (("Di Pietro Rossi, Marco",), ("Di Pietro Rossi, Marco",)),
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
        ("<meta name='articleAuthor' content='Ann Lee'>", "Ann Lee"),
        ("<meta itemprop='author' content='Ann Lee'>", "Ann Lee"),
        ("<meta name='citation_author' content='Lee, Ann'>", "Ann Lee"),
        ("<meta name='author' content='ann.lee'>", "ann.lee"),
    ],
)
def test_authors_that_pages_state_in_their_head(head: str, name: str) -> None:
    """A month may be a first name, and a desk is the author where no person is named."""
    page = f"<html><head>{head}</head><body><h1>Convoy</h1>{REST}</body></html>"
    assert clean_page(page, URL).authors == (name,)


def test_each_author_may_have_a_tag_of_its_own_with_the_surname_first() -> None:
    """So libraries want them; other pages repeat the tag too."""
    for name, values in (("citation_author", ("Lee, Ann", "van Ek, Bo C.")), ("author", ("A B",))):
        tags = "".join(f"<meta name='{name}' content='{value}'>" for value in values)
        names = clean_page(f"<head>{tags}</head><body><h1>Convoy</h1>{REST}</body>", URL).authors
        assert names == (("Ann Lee", "Bo C. van Ek") if len(values) == 2 else ("A B",))


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("<meta name='author' content='Reuters, AFP'>", ("Reuters", "AFP")),
        (
            "<meta name='author' content='admin'><meta name='author' content='Ann Lee'>",
            ("Ann Lee",),
        ),
        ("<meta name='author' content='road-news.org'>", ()),
        (
            "<meta name='author' content='Ann Lee, Bo Ek, and Cy Fox'>",
            ("Ann Lee", "Bo Ek", "Cy Fox"),
        ),
        (
            "<meta name='author' content='Karl-Otto von Lis, Ann-Lee Ek'>",
            ("Karl-Otto von Lis", "Ann-Lee Ek"),
        ),
    ],
)
def test_names_in_the_head_are_told_apart(head: str, names: tuple[str, ...]) -> None:
    """Two agencies are no surname and first name, and an address is no person."""
    page = f"<html><head>{head}</head><body><h1>Convoy</h1>{REST}</body></html>"
    assert clean_page(page, URL).authors == names


@pytest.mark.parametrize(
    ("signed", "names"),
    [
        (
            "(Reporting by Ann Lee, Bo Ek in Oslo, and Cy Fox; editing by D)",
            ("Ann Lee", "Bo Ek", "Cy Fox"),
        ),
        ("Reporting by Reuters in Kyiv.", ()),
        ("Reporting by the Border Post; additional reporting by a village.", ()),
    ],
)
def test_only_persons_have_reported(signed: str, names: tuple[str, ...]) -> None:
    """Agencies name who reported under the text, other pages where they have it from."""
    page = f"<html><body><h1>Convoy</h1>{REST}<p>{signed}</p></body></html>"
    assert clean_page(page, URL).authors == names


def test_the_name_of_an_account_counts_only_if_the_page_says_no_more() -> None:
    """Some systems state under which name somebody has logged in."""
    head = "<head><meta name='author' content='ann.lee'></head>"
    page = f"<html>{head}<body><h1>Convoy</h1><p>By Ann Lee</p>{REST}</body></html>"
    assert clean_page(page, URL).authors == ("Ann Lee",)


@pytest.mark.parametrize(("byline", "name"), [("<p>By Ann Lee</p>", "Ann Lee"), ("", "Road News")])
def test_an_organization_is_the_author_only_where_no_person_is(byline: str, name: str) -> None:
    """Structured data often names the house, whatever it is called, and the page who wrote."""
    house = '{"@type": "NewsMediaOrganization", "name": "Road News"}'
    data = f'{{"@type": "NewsArticle", "author": {house}}}'
    head = f"<head><script type='application/ld+json'>{data}</script></head>"
    page = f"<html>{head}<body><h1>Convoy</h1>{byline}{REST}</body></html>"
    assert clean_page(page, URL).authors == (name,)


def test_a_house_that_signs_in_words_is_the_author_too() -> None:
    """It need not be stated in the head."""
    head = "<head><meta property='og:site_name' content='Road News'></head>"
    page = f"<html>{head}<body><h1>Convoy</h1><p>3 min read · By Road News</p>{REST}</body></html>"
    assert clean_page(page, URL).authors == ("Road News",)


@pytest.mark.parametrize("kind", ["ImageObject", "VideoObject", "Comment", "UserComments"])
def test_the_author_of_a_picture_or_a_reply_is_not_the_article_s(kind: str) -> None:
    """In microdata these are authors too, each within a work of its own."""
    other = (
        f"<div itemscope itemtype='https://schema.org/{kind}'><span itemprop='author'>Jo Pix</span>"
        "</div>"
    )
    own = "<p itemprop='author' itemscope><span itemprop='name'>Ann Lee</span></p>"
    page = f"<html><body><h1>Convoy</h1>{own}<div>{REST}</div>{other}</body></html>"
    assert clean_page(page, URL).authors == ("Ann Lee",)


@pytest.mark.parametrize(
    ("last", "names"),
    [
        ("(Reporting by Ann Lee in Oslo; Editing by Cy Fox)", ("Ann Lee",)),
        ("Reporting by Ann Lee and Bo Ek. Edited by Cy Fox.", ("Ann Lee", "Bo Ek")),
        ("Reporting by soldiers on the pass was sparse.", ()),
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
    ("byline", "name"),
    [
        ("<small>October 5th, 2024 by Ann Lee</small>", "Ann Lee"),
        ("<p>Oslo <span>·</span> 3 min read <span>·</span> By Ann Lee</p>", "Ann Lee"),
        ("<p><a rel='author noopener' href='/x'>Ann Lee</a></p>", "Ann Lee"),
        ("<p><a href='/autori/anna-lis'>Anna Lis</a></p>", "Anna Lis"),
        ("<p><time>03.11.2024 14:20</time> von <a>Anna Lis</a> (Kommentare: 0)</p>", "Anna Lis"),
        ("<p>By Petty Officer 2nd Class Ann Lee</p>", "Petty Officer 2nd Class Ann Lee"),
        ("<p>By Senior Airman Ann Lee</p>", "Senior Airman Ann Lee"),
        ("<p>Submitted by Ann Lee on Mon, 03/04/2024</p>", "Ann Lee"),
        ("<div class=by-authors><b>Ann Lee</b><time>5.10.2024</time></div>", "Ann Lee"),
        ("<p>By Ann Lee<br>October 5, 2024</p>", "Ann Lee"),
        ("<div>By <em>Ann Lee</em><br>Created <em>Oct 5 2024 - 6:02pm</em></div>", "Ann Lee"),
        ("<p><b itemprop=author>Ann Lee, HARBOUR TODAY</b> 3:53 p.m.</p>", "Ann Lee"),
        ("<dl><dd class=createdby>Escrito por: <b>Ana Lis</b></dd></dl>", "Ana Lis"),
        ("<p>By Ann Lee, admiral</p>", "Ann Lee"),
        ("<p>By: <a href=/id/1>Ann Lee</a><br>Executive News Editor</p>", "Ann Lee"),
        ("<p class=author>Par ANNA LIS Envoyée spéciale à Toulouse</p>", "ANNA LIS"),
        ("<p>Autor. <a>Anna Lis</a> | 5 października 2024</p>", "Anna Lis"),
        ("<p><span>Автор: Ганна Лис</span> <span>18:22</span></p>", "Ганна Лис"),
        ("<p>来源：港口日报 作者：陈海</p>", "陈海"),
        ("<ul><li>김하늘 기자</li></ul>", "김하늘"),
        ("<p>بقلم ليلى حداد</p>", "ليلى حداد"),
        ("<p>Das Gespräch führte Anna Lis.</p>", "Anna Lis"),
        ("<p>Interview by Ann Lee</p>", "Ann Lee"),
        ("<div>di <b>Anna Lis</b></div>", "Anna Lis"),
        ("<p class=auteur>Anna Lis</p>", "Anna Lis"),
        ("<p>Par Anna Lis, mercredi 27 mai 2026</p>", "Anna Lis"),
        ("<p>Por Plácido Domingo</p>", "Plácido Domingo"),
        ("<p>Posted by <span>Ann Lee</span> at 6:11 pm</p>", "Ann Lee"),
        ("<ul><li>Ort: Kiel</li><li>Text: Anna Lis</li></ul>", "Anna Lis"),
        ("<p>Interview: Ann Lee · 4 March 2026 · 6 min read</p>", "Ann Lee"),
        ("<p>Von Anna Lis, Hauptstadtstudio</p>", "Anna Lis"),
        ("<meta name=author content='Super User'><p>Written by: Ann Lee</p>", "Ann Lee"),
        ("<p>Por <span>Anna Lis</span>, Gazeta — Lisboa</p>", "Anna Lis"),
        ("<div><a class=writer href=/w>佐藤健一</a></div>", "佐藤健一"),
        ("<p>Pewarta: Ana Lis<br>Editor: Bo Ek</p>", "Ana Lis"),
        ("<p class=byline>Interview: Ana Lis</p>", "Ana Lis"),
        ("<p class=author>Text: Ana Lis</p>", "Ana Lis"),
        (
            "<div class=byline>By Ana Lis <span class=byline-in>Kyiv, Ukraine</span></div>",
            "Ana Lis",
        ),
        ("<p class=byline>Teksti: Ana Lis</p>", "Ana Lis"),
        ("<p>02.03.2026 | Пише: Ана Лис</p>", "Ана Лис"),
        ("<p>Teksti: Anna Lis | Kuvat: Bo Ek</p>", "Anna Lis"),
        ("<p class=autor>Von Anna von der Lis</p>", "Anna von der Lis"),
        ("<p class=autor>Ein Gastbeitrag von Anna Lis</p>", "Anna Lis"),
        ("<p class=author>Γράφει η Άννα Λη</p>", "Άννα Λη"),
        (
            "<div class=author-date><p class=author>Ana Lis</p><p>5/10/2024 | Cádiz</p></div>",
            "Ana Lis",
        ),
        (
            "<div data-component='byline-block'><div><span>Ann Lee</span>"
            "<span>Regional correspondent</span></div></div>",
            "Ann Lee",
        ),
    ],
)
def test_bylines_as_houses_write_them(byline: str, name: str) -> None:
    """Bylines are read with ranks, after labels, in other scripts, and with the date stuck on."""
    page = f"<html><body><h1>Convoy</h1>{byline}<div>{REST}</div></body></html>"
    assert clean_page(page, URL).authors == (name,)


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Par ANNA LIS, LÉA ROUX Envoyés spéciaux à Toulouse", ("ANNA LIS", "LÉA ROUX")),
        ("Anna Lis (avec Léa Roux et Jo Blanc)", ("Anna Lis", "Léa Roux", "Jo Blanc")),
        ("ANN LEE, BO EK", ("ANN LEE", "BO EK")),
    ],
)
def test_all_who_wrote_are_named_wherever_they_were(byline: str, names: tuple[str, ...]) -> None:
    """Helpers stand in brackets, and a place with those who were sent there."""
    page = f"<html><body><h1>Convoy</h1><p class=author>{byline}</p><div>{REST}</div></body></html>"
    assert clean_page(page, URL).authors == names


@pytest.mark.parametrize(
    "line",
    [
        "<div>Press Release, 16 March 2026</div>",
        "<div>New York, 16 March 2026</div>",
        "<div>Adjust Share</div><div>16 March 2026</div>",
        "<div>Convoy Reaches</div><div>16 March 2026</div>",
        "<div><span>Middle East</span><span>3 November 2026</span></div>",
        "<div>Getty Images</div><div>3 November 2026</div>",
    ],
)
def test_what_stands_beside_the_date_is_no_name(line: str) -> None:
    """A place, a topic, a kind of text, a button and a part of the title have capitals too."""
    head = "<title>Convoy reaches the base</title>"
    page = f"<html><head>{head}</head><body><h1>Convoy reaches the base</h1>{line}<div>{REST}</div>"
    assert clean_page(page, URL).authors == ()


@pytest.mark.parametrize(
    "line",
    [
        "<div>Interview by phone with the minister</div>",
        "<p>Av Oslo Konserthus</p>",
        "<form>By clicking “Submit,” you agree to the Terms of Use.</form>",
    ],
)
def test_what_begins_like_a_byline_without_a_name_is_none(line: str) -> None:
    """An interview is made by some means, and places are named with the same small words."""
    page = f"<html><body><h1>Convoy reaches the base</h1>{line}<div>{REST}</div></body></html>"
    assert clean_page(page, URL).authors == ()


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Lee, Bo Ek and Madonna", ("Ann Lee", "Bo Ek", "Madonna")),
        ("By Ann Lee & Suhartono", ("Ann Lee", "Suhartono")),
        ("By Ann, Bo and Cy", ("Ann",)),
        ("By John Lee, 김철수", ("John Lee", "김철수")),
    ],
)
def test_one_word_beside_a_full_name_is_a_name_only_behind_an_and(
    byline: str, names: tuple[str, ...]
) -> None:
    page = f"<html><body><h1>Convoy</h1><p class=byline>{byline}</p><div>{REST}</div></body></html>"
    assert clean_page(page, URL).authors[: len(names)] == names


@pytest.mark.parametrize(
    "before",
    [
        "<p>Interview: Bo Ek</p>",
        "<p>Story: White House</p>",
        "<div class=byline><span>Chief Political Editor</span> <span>Five Min Read</span></div>",
    ],
)
def test_whom_a_report_is_about_or_what_its_writer_is_called_is_no_author(before: str) -> None:
    page = f"<html><body><h1>Convoy reaches the base</h1>{before}<p>{ONE}</p>{REST}</body></html>"
    assert clean_page(page, URL).authors == ()


def test_a_name_in_running_words_is_a_byline_in_its_language_alone() -> None:
    """ "Af" begins Danish bylines, and names of places elsewhere."""
    page = "<html lang={}><body><h1>Convoy</h1><p>Af Anna Lis</p><div>" + REST + "</div></body>"
    assert clean_page(page.format("da"), URL).authors == ("Anna Lis",)
    dated = page.replace("Af Anna", "12-05-2026 - Af Anna").format("da")
    assert clean_page(dated, URL).authors == ("Anna Lis",)
    assert clean_page(page.format("en"), URL).authors == ()


def test_a_name_with_the_place_stuck_to_it_is_no_text() -> None:
    """Names and offices are often set apart by style alone."""
    head = "<meta name='author' content='Ann Lee'>"
    line = "<div><span>Ann Lee</span><span>North of the pass</span></div>"
    assert text_of("", head, line) == text_of("", head)
    page = f"<h1>Convoy</h1><div>{line}<p>{ONE}</p>{REST}</div>"
    assert clean_page(f"<head>{head}</head><body>{page}</body>", URL).text.startswith(ONE)


@pytest.mark.parametrize(
    "note", ["Check against delivery", "Es gilt das gesprochene Wort!", "Seul le prononcé fait foi"]
)
def test_what_stands_on_every_manuscript_of_a_speech_is_no_part_of_it(note: str) -> None:
    page = f"<h1>Speech</h1><div><p>{note}</p><p>{ONE}</p>{REST}</div>"
    assert clean_page(f"<html><body>{page}</body>", URL).text.startswith(ONE)


@pytest.mark.parametrize("name", ["advert-spot", "newsletter-intro"])
def test_a_short_line_named_as_furniture_is_no_standfirst(name: str) -> None:
    line = f"<div class='{name}'>Continue reading below the advert</div>"
    assert text_of("", before=line) == text_of("")


@pytest.mark.parametrize(
    "line",
    ["Ann Lee asks for more ploughs", "Ann Lee: A road for all", "Ann Lee's road to the pass"],
)
def test_what_an_author_does_or_says_is_text(line: str) -> None:
    """Ministers and generals write too, and lines under titles need no full stop."""
    page = f"<h1>Convoy</h1><div><p>{line}</p><p>{ONE}</p>{REST}</div>"
    head = "<head><meta name='author' content='Ann Lee'></head>"
    assert clean_page(f"{head}<body>{page}</body>", URL).text.startswith(f"{line}\n\n{ONE}")


@pytest.mark.parametrize("does", ["teaches strategy in Oslo", "served on the staff of the pass"])
def test_a_note_on_the_author_goes_whatever_the_author_does(does: str) -> None:
    """Guests are soldiers and scholars more often than reporters."""
    head = "<meta name='author' content='Ann Lee'>"
    page = f"<head>{head}</head><body><h1>Convoy</h1><div>{REST}<p>Ann Lee {does}.</p></div></body>"
    assert "Ann Lee" not in clean_page(page, URL).text


def test_a_byline_behind_the_standfirst_goes_with_the_office_in_it() -> None:
    head = '<script type=\'application/ld+json\'>{"@type":"NewsArticle","headline":'
    head += '"Convoy reaches the base","author":{"name":"Anna Lis"}}</script>'
    assert text_of("<p>Von Anna Lis, Hauptstadtstudio</p>", head) == text_of("", head)
    kept = text_of("<p>Anna Lis, Kommandeurin</p>", head)
    assert "Anna Lis, Kommandeurin" in kept


@pytest.mark.parametrize("mark", ["ENDS", "- ENDS -", "# # #", "-30-", "END OF RELEASE"])
def test_what_stands_below_the_end_of_a_press_release_goes(mark: str) -> None:
    """Contacts, and who the sender is: its own praise would match watchlists in all it sends."""
    below = (
        f"<p>{mark}</p><p>Ann Lee, head of communication, tel. 555 0100</p><p>The Road Office</p>"
        "<p>The Road Office keeps eleven passes open in winter, and has done so since 1911.</p>"
    )
    page = (
        "<html><body><h1>Convoy reaches the base</h1><div class='entry-content'><p>{}</p>{}</div>"
    )
    assert clean_page(page.format(ONE, REST + below), URL).text == (
        clean_page(page.format(ONE, REST), URL).text
    )
    long = clean_page(page.format(ONE, below + REST), URL).text
    assert "village 11" in long  # a mark between the parts of a text ends nothing


@pytest.mark.parametrize("heading", ["End of an era", "End of the Cold War", "END OF MISSION"])
def test_a_heading_that_tells_of_an_end_is_not_that_of_the_report(heading: str) -> None:
    page = f"<html><body><h1>Convoy reaches the base</h1><p>{ONE}</p>{REST}<h2>{heading}</h2>"
    assert (
        "eleven passes"
        in clean_page(
            page + "<p>The Road Office keeps eleven passes open, and has done so since 1911.</p>",
            URL,
        ).text
    )


def test_marks_between_the_parts_of_a_text_end_none_of_them() -> None:
    part = "<p># # #</p><p>The Road Office keeps {} passes open, and has done so since 1911.</p>"
    parts = part.format("eleven") + part.format("twelve")
    page = f"<html><body><h1>Convoy reaches the base</h1><p>{ONE}</p>{REST}{parts}"
    text = clean_page(page, URL).text
    assert "eleven passes" in text
    assert "twelve passes" in text


def test_the_parts_of_a_date_before_the_text_are_read_apart() -> None:
    """A day stuck to the hour behind it is no date."""
    before = "<time><span>March 10, 2026</span><span>11:40 AM</span><span>Updated</span></time>"
    page = f"<html><body><article><h1>Convoy reaches the base</h1>{before}<p>{ONE}</p>{REST}"
    assert clean_page(page, URL).text.startswith(ONE)


def test_publisher_with_its_place_is_no_list_of_authors() -> None:
    """ "The Courier, Paris, France" stands in the author field of some houses."""
    head = "<title>Convoy reaches the base | Courier</title>"
    head += "<meta name='author' content='Courier, Paris, France'>"
    page = f"<html><head>{head}</head><body><h1>Convoy reaches the base</h1><p>By Ann Lee</p>{REST}"
    assert clean_page(page, URL).authors == ("Ann Lee",)


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (
            "<title>Road Notes: Convoy reaches the base</title><body><h1>Road Notes</h1>"
            "<h3 class=post-title>Convoy reaches the base</h3>",
            "Convoy reaches the base",
        ),
        ("<title>Convoy reaches the base (Page 2 of 3)</title><body>", "Convoy reaches the base"),
        (
            "<title>Convoy reaches the base « Road Notes</title><body><h1>Road Notes</h1>"
            "<h2 class=title>Convoy reaches the base</h2>",
            "Convoy reaches the base",
        ),
    ],
)
def test_title_without_the_blog_s_name_and_the_page_s_number(page: str, title: str) -> None:
    """Blogs have their own name in the `h1`, and articles on several pages number them."""
    assert clean_page(f"<html>{page}{REST}", URL).title == title


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
    """A title written for search engines gives way, unless the heading is of something else."""
    page = f"<html><head>{head}</head><body><h1>The best ten roads, compared</h1>{REST}</body>"
    assert clean_page(page, URL).title == title


THREE = "Eleven ploughs had worked on the pass since Monday, day and night."
FOUR = "On Sunday the column will leave again, this time by the lower road along the frozen river."


@pytest.mark.parametrize(
    "part",
    [
        "<section class=block><h2>Was bisher geschah</h2>"
        "<p>Von Anfang an war klar: Es wird eng.</p>",
        "<section class=block><h2>The week before</h2><p>By Tuesday it was over.</p>",
        "<section class=block data-src='/maps/pass.png'><h2>The road</h2>",
        "<section class=block data-image-url='/maps/pass.png'><h2>The road</h2>",
        "<section class=block data-url='/story#road'><h2>The road</h2>",
    ],
)
def test_parts_of_an_article_in_frames_like_the_first_are_no_stories_below(part: str) -> None:
    """A sentence that begins like a byline is none, and the address of a picture no story's."""
    page = (
        f"<body><section class=block><h1>Convoy</h1><p>{ONE}</p><p>{TWO}</p></section>"
        f"{part}<p>{THREE}</p></section>"
        f"<section class=block><h2>The way back</h2><p>{FOUR}</p></section></body>"
    )
    kept = clean_page(page, URL).text
    assert THREE in kept
    assert FOUR in kept


@pytest.mark.parametrize(
    "head", ["<p>By Ann Lee</p>", "<p>Ann Lee</p>"], ids=["its byline", "its address"]
)
def test_a_story_loaded_below_goes_and_the_part_behind_it_stays(head: str) -> None:
    """What is dropped is each frame that begins a story."""
    address = "" if "By" in head else " data-url='/2024/ice'"
    page = (
        f"<body><section class=block><h1>Convoy</h1><p>{ONE}</p><p>{TWO}</p></section>"
        f"<section class=block{address}><h2>Ice</h2>{head}<p>{THREE}</p></section>"
        f"<section class=block><h2>The way back</h2><p>{FOUR}</p></section></body>"
    )
    kept = clean_page(page, URL).text
    assert THREE not in kept
    assert FOUR in kept


def test_a_line_without_a_character_breaks_no_rule() -> None:
    """Every rule takes any line, as it comes."""
    lines = (Line(ONE), Line(""), Line(TWO))
    assert [line.text for line in article_lines(lines, Known()) if line.text] == [ONE, TWO]
