"""The rules of cleaning as data: class words, and phrases per language.

Each table says what it is for. Phrases are regular expressions for one line of text, matched
ignoring case, with typographic quotes and spaces folded; they set `^` and `$` where they need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache


def words(text: str) -> tuple[str, ...]:
    """The words of a table that is written as text, in order."""
    return tuple(text.split())


def phrases(tables: Iterable[str]) -> list[str]:
    """The phrases of some tables, one a line."""
    lines = (line.strip() for table in tables for line in table.splitlines())
    return [line for line in lines if line]


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all these phrases; it ignores case."""
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.I)


def pattern(tables: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all phrases of some tables, one phrase per line; it ignores case."""
    return any_of(phrases(tables))


# ------------------------------------------------------------------- markup: containers

BODY_TOKENS = r"""
    (?:[\w-]*[-_])?(?:article|story|entry|post|news|blog|single|page|press-?release)
        [-_]{0,2}(?:body|text[eo]?|testo|inhalt|content|copy|richtext)(?:[-_]{1,2}[\w-]*)?
    | (?:[\w-]*[-_])?(?:body-?(?:text|copy|content)|text-?copy|rich-?text|prose|wysiwyg)
        (?:[-_][\w-]*)?
    | td-post-content | tdb-block-inner | et_pb_post_content | et_pb_text_inner
    | wp-block-post-content | elementor-widget-theme-post-content | single-content
    | articletext | storytext | newstext | entrytext | field-name-body | field--name-body
    | content__body | story__content | artikeltext | artikel-?inhalt | contenido-?nota
    | article | story | entry | post | hentry | h-entry | e-content | main-?content
"""
"""Class or id tokens under which themes put an article's body (WordPress's own first)."""
WRAPPER_TOKENS = (
    r"article | story | entry | post | hentry | h-entry | main-?content | (?:page|single)-.*"
)
"""Those of them that name a whole article with its head and foot, or each item of a list."""

# -------------------------------------------------------------------- markup: furniture

FURNITURE_WORDS = frozenset(
    words(
        """
    share sharing shares sharebar sharethis addtoany addthis sharedaddy heateor social
    socials socialmedia followus follow related recommended recommendation recommendations
    recirc recirculation relatedposts yarpp jp-relatedposts newsletter newsletters subscribe
    subscription signup optin mailchimp mailinglist promo promos promobox promotion
    promotions callout cta donate donation fundraising advert adverts advertisement
    advertising advertorial ads adslot adsbygoogle sponsor sponsored sponsors dfp outbrain
    taboola teads cookie cookies consent gdpr breadcrumb breadcrumbs pagination pager
    paginator navigation nav navbar menu submenu sidebar sidebars footer comments comment
    commentlist respond disqus discussion tags taglist tagcloud topics keywords hashtags
    authorbox authorbio bio biography byline bylines dateline contributor contributors
    timestamp pubdate caption captions credit credits wp-caption-text copyright imprint
    popular trending mostread mostpopular teaser teasers toc toolbar tools toolbox print
    rating ratings vote poll quiz survey login signin register modal popup overlay tooltip
    gallery slideshow carousel slider lightbox player jwplayer videoplayer podcast
    screen-reader-text sr-only visually-hidden visuallyhidden disclaimer appeal factbox
    infobox highlight highlighter codehilite breaking marquee republish republication
    repub explainer popover hovercard saboxplugin
    relacionado relacionados relacionada relacionadas comentarios compartir publicidad
    correlati correlate condividi commenti pubblicita commentaires partager publicite
    verwandte kommentare werbung anzeige teilen gerelateerd reacties advertentie
    relaterat relaterade relaterte annons annonse annonce kommentarer komentarze reklama
    powiazane souvisejici diskuse ilgili benzer yorumlar reklam kanren
    """
    )
)
"""Words in class or id tokens by which themes name what is not the article."""

CAPTION_NAME = r"""
    [\w-]*(?:img|image|photo|foto|bild|picture|figure)s?[-_]+(?:[\w-]*[-_])?
        (?:description|desc|info|legend|legende|credits?|captions?|source|quelle|unterschrift)
        (?:[-_][\w-]*)?
    | [\w-]*media(?![-_]+(?:release|statement|advisory))s?[-_]+(?:[\w-]*[-_])?
        (?:description|desc|legend|legende|credits?|captions?|unterschrift)(?:[-_][\w-]*)?
"""
"""Class or id tokens of the text about a picture ("detail-img__description")."""

SURE_WORDS = frozenset(
    words(
        """
    footer comments breaking marquee cookie cookies consent gdpr newsletter related
    recommended nav navigation breadcrumbs modal popup mostread trending disqus factbox
    infobox comentarios comentários commenti commentaires kommentare kommentarer reacties
    komentarze diskuse yorumlar
    """
    )
)
"""Words that name furniture even where it contains most of a page's text."""

FURNITURE_TOKENS = frozenset(
    words(
        """
    widget widget-area reading-time read-time readtime reading_time read-more readmore
    more-link read-also readalso see-also also-read most-read most-popular table-of-contents
    ez-toc-container author-box author-bio author-info author-card about-author
    about-the-author post-author entry-meta post-meta article-meta meta metadata meta-data
    entry-footer post-footer entry-header post-tags tag-list tags-links cat-links
    post-categories entry-categories post-navigation post-thumbnail entry-title post-title
    article-title page-title comments-link edit-link entry-utility kicker eyebrow
    story-links more-on more-stories more-news up-next next-post prev-post article-footer
    article-header-meta story-footer infobox-links in-article-ad paywall-message
    paywall-prompt paywall-overlay paywall-banner regwall hide-print no-print noprint
    print-only mw-editsection reference-list navbox wp-block-latest-posts
    wp-block-post-terms wp-block-post-date wp-block-post-author wp-block-post-title
    wp-block-post-navigation-link wp-block-jetpack-subscriptions wp-block-embed
    wp-block-button wp-block-buttons wp-block-comments dateline date published-date
    publish-date post-date article-date article__date entry-date author authors
    article-author expandable-box info-box fact-box context-box side-box m-a-box abh_box
    pp-multiple-authors-boxes-wrapper cmp-image__title
    """
    )
)
"""Whole class or id tokens that name furniture."""

STANDFIRST_CLASS = r"""
    standfirst | stand-first | \blead\b | [-_]lead(?:[-_\s]|$) | leadtext | article-?lead | \blede
    | \bdek\b | \bdeck\b | [-_]dek\b | [-_]deck\b | sub-?(?:title|head(?:ing|line)?) | \bintro\b
    | [-_]intro(?:[-_\s]|$) | introduction | introtext | vorspann | chapo | chapeau | \bsummary\b
    | [-_]summary | \babstract\b | excerpt | sommario | bajada | entradilla | copete | preamble
    | ingress | manchet
    | anleser | (?:\b|_)strap(?:line)?\b | (?:\b|_)teaser[-_]?text\b | perex | description
    | (?:\b|_)desc\b | \bspot\b | [-_]spot\b | [-_]deck?\b | occhiello
"""
"""Words in a class or id of an opening paragraph that is set apart from the body."""

SHIELD_TOKENS = r"""
    category-.* | tag-.* | postid-.* | post-\d+ | post_tag-.* | type-.* | format-.*
    | has-.* | is-.* | elementor-(?:element|widget).* | .*-hidden | .*__?(?:no|without|with)-.*
    | .*sidebar[-_]*(?:grid|layout|content|container|wrap(?:per)?|main).* | .*(?:and|with)-sidebar.*
    | .*:.* | js-.* | no-.* | with-.* | w/.* | wp-image-\d+ | align.* | sf-.* | data-.*
    | kg-callout-.*
"""
"""Tokens that name a category or a state, never furniture (WordPress's `post_class` and others)."""

FURNITURE_ROLES = frozenset(
    words(
        """
    navigation search banner dialog alertdialog complementary contentinfo menu menubar
    toolbar
    """
    )
)
"""ARIA roles of elements that are not running text; the share guard keeps those with much of it."""
FURNITURE_TAGS = frozenset(
    words(
        """
    nav aside footer form button select option input textarea label figure figcaption
    rt rp picture video audio iframe object embed canvas noscript map dialog menu svg math script
    style amp-ad amp-sticky-ad amp-embed amp-sidebar amp-consent amp-user-notification
    amp-social-share amp-next-page amp-list amp-iframe amp-video amp-youtube amp-lightbox
    """
    )
)
"""Elements that are not running text; the share guard keeps those with much of it."""

EMBED_CLASSES = {
    "twitter-tweet": "tweet",
    "twitter-video": "tweet",
    "instagram-media": "post",
    "fb-post": "post",
    "fb-video": "video",
    "tiktok-embed": "video",
    "bluesky-embed": "post",
    "mastodon-embed": "post",
    "telegram-post": "post",
    "reddit-card": "post",
    "reddit-embed-bq": "post",
    "threads-post": "post",
    "text-post-media": "post",
}
"""Class in a platform's own embed code -> kind of embed."""

# ---------------------------------------------------------------------------- lines

DROP_ANYWHERE = {
    "en": r"""
        (?:no|\d+) comments?(?: on .*)?
        leave a (?:comment|reply).*
        post a comment
        be the first to comment.*
        \d+ ?min(?:ute)?s?\.? read
        reading time:? .{0,20}
        (?:estimated )?read(?:ing)? time:? .{0,20}
        share(?: (?:this|on|via|the|it|with|by|now|to|article|story|post|page)(?: \w+){0,3})?:?
        share this .{0,40}
        click to share.*
        (?:tweet|email|print|save|copy link|link copied!?|whatsapp|facebook|twitter|linkedin)
        (?:reddit|pinterest|telegram|flipboard)
        (?:follow|like|find|join) us (?:on|at) .{0,120}
        follow .{0,60} on (?:twitter|facebook|instagram|x|linkedin|google news|whatsapp)\b.{0,80}
        (?:sign up|subscribe|register)\b.{0,120}\b(?:newsletters?|inbox|emails?|updates)\b.{0,80}
        (?:sign up|subscribe|register)\b.{0,120}\b(?:briefing|alerts?|channel|podcast)\b.{0,80}
        (?:sign up|subscribe|register)\b.{0,120}\b(?:free trial|today|now)\b.{0,80}
        (?:subscribe|sign up|sign in|log in|login|register|subscribe now|donate|donate now|join now)
        get (?:the|our|your|more)\b.{0,100}\b(?:newsletter|inbox|briefing|email|app)\b.{0,60}
        (?:read|see|watch|learn|find out) (?:more|also|next|here|the full story)(?: ?[:>»…-].*)?
        (?:also read|read also|see also|more on this(?: story)?|more from .{0,40})(?: ?[:>»-].*)?
        (?:related|recommended|popular|trending|featured|sponsored|promoted|advertisement)
        (?:advertising|ad|ads|\[(?:ad|pr)\]|partner content|around the web|you may also like.*)
        (?:you might also like.*|more stories|more news|latest news|top stories|most read)
        (?:most popular|editor'?s picks?|recommended for you|up next)
        related (?:articles?|stories|posts|content|topics|news|links|coverage):?.{0,60}(?<![.!?])
        related (?:reading|items):?.{0,60}(?<![.!?])
        (?:article|story) continues (?:below|after).*
        (?:continue reading|keep reading|scroll to continue|advertisement.{0,40})
        skip (?:to|advert|past) .{0,60}
        copyright(?:[:,]? (?:©|\(c\)|\d{4}|by|notice|[^.]{1,60}\d{4})(?!\w).{0,200})?
        (?:©|\(c\)|&copy;) ?.{0,200}
        .{0,80}all rights reserved.{0,120}
        (?:tags?|tagged|filed under):?(?: .{0,200})?(?<![.!?])
        (?:topics?|categories|category)(?:: .{0,200})?(?<![.!?])
        (?:posted in|keywords|in this article|in this story):?(?: .{0,200})?(?<![.!?])
        (?:we use|this (?:web)?site uses) cookies.*
        .{0,30}terms of (?:use|service) (?:and|&) privacy policy.{0,60}
        by signing up,? you (?:agree|will|consent).*
        (?:photo|image|picture|credit|file photo)s?(?: by| courtesy(?: of)?| credit)?: .{1,100}
        (?:photograph|photos|photo credit)s?(?: by| courtesy(?: of)?| credit)?: .{1,100}
        (?:image credit|featured image|illustration)s?(?: by| courtesy(?: of)?| credit)?: .{1,100}
        (?:source)s?(?: by| courtesy(?: of)?| credit)?: .{1,100}
        (?:comments|view comments?|show comments|join the (?:conversation|discussion).*)
        (?:what do you think\?.*|have your say.*)
        (?:print|(?:send|e-?mail)) this (?:article|page|story) to a friend(?:\W+print)?
        (?:print|e-?mail)(?: this)?(?: article| page| story)?
        published|updated|last updated|posted
        (?:published|(?:last )?updated|posted):? .{0,40}\d:\d\d(?: ?[ap]\.?m\.?)?(?: [a-z]{2,4})?
        (?:published|(?:last )?updated|posted):? .{0,40}\d\.\d\d ?[ap]\.?m\.?(?: [a-z]{2,4})?
        (?:published|(?:last )?updated|posted):? .{0,40}\b20\d\d,? (?:at )?\d{1,2}\.\d\d
        (?:\d{1,2}|an?) (?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?) ago
        (?:sorry, )?your browser (?:does not|doesn't|can(?:no|')t) (?:support|play|display)\b.{0,90}
        loading\.{0,3}|loading…
        (?:show|view|see|read|load) (?:more|less|all|full article|gallery|comments|the full article)
        (?:previous|next)(?: (?:article|post|story|page))?(?:: .*)?
        back to top
        your email address will not be published.*
        required fields are marked.*
        this (?:article|story) (?:was )?(?:originally|first) (?:appeared|published|ran).{0,200}
        this (?:post|piece) (?:was )?(?:originally|first) (?:appeared|published|ran).{0,200}
        get our free mobile app
        download (?:the|our) .{0,40}\bapp\b.{0,80}
        (?:e-?mail|contact) the (?:author|writer|reporter|editor).{0,120}
        have a (?:news )?tip\?.{0,200}
        got a tip\?.{0,200}
        (?:correction|editing|reporting) (?:by|from) .{3,160}
        \(?(?:additional )?reporting by .{3,200}
        listen to (?:this|the) (?:article|story|episode).{0,60}
        play video
        watch(?: now)?:? ?(?:video)?
        video:?(?: .{0,80})?(?<![.!?])
        live updates?
        .{0,120}\b(?:sign up|subscribe|register|signing up)\b.{0,80}\bnewsletters?\b.{0,80}
        .{0,120}\b(?:subscribing)\b.{0,80}\bnewsletters?\b.{0,80}
        .{0,80}\bnewsletters?\b.{0,100}\b(?:sign up|subscribe|inbox|delivered)\b.{0,80}
        image \d+ of \d+
        .{0,40}\bremove ads
        this content is reserved for subscribers.*
        this advertisement has not loaded.*
        continue reading below
        breaking news
        adverts?
        our standards: .{0,60}
        .{0,40}\bgoogle news\b.{0,120}
        (?:related|also|more|read|see|watch|listen)(?: \w+){0,2}: .{1,150}(?<![.!?”"])
        (?:first|originally) published (?:in|on|by|at) .{1,80}
        \(?[a-z]{2,5}(?:/[a-z]{2,5}){1,3}\)?
        image source, .{0,80}
        image caption, .{0,200}
        (?:getty images|reuters|afp|ap photo|associated press|shutterstock|istock)(?:/.{0,40})?
        hide caption
        .{0,200}[ (]© ?[^.]{2,60}
        we apologi[sz]e, but this video has failed to load.*
        try refreshing your browser.{0,40}
        tap here to see other videos.{0,60}
        this (?:video|content) (?:is|was|could)(?: \w+){0,2} (?:not|no longer|unavailable)\b.{0,80}
        (?:we need your|with your) (?:consent|permission) .{0,60}\b(?:load|content|third).{0,200}
        toggle caption
        enlarge this image
        (?:for )?(?:more|further) information:? ?(?:please )?(?:contact|visit)\b.{0,200}
        (?:press|news|media) (?:release|statement) (?:no|number|nr)\b.{1,40}
        (?:ends?|end of (?:release|statement)|[#*]{3,5}|-? ?30 ?-)
        \[?(?:end|ende|fin)\]?
        (?:sign in|log in|register) or (?:sign in|log in|register|create an account).{0,30}
        this work is licensed under a creative commons .{0,160}
        view image in fullscreen
        press enter or click to view image.*
        list \d+ of \d+
        end of list
        listen
        (?:(?:share|tweet|pin(?: it)?|e-?mail|print|save|sms|copy link)[ |,/·•]*){2,}
        (?:(?:facebook|twitter|linkedin|whatsapp|telegram|reddit|bluesky|threads)[ |,/·•]*){2,}
        this (?:article|story|content|post) is for (?:our )?(?:subscribers|members) only\W*
        this (?:article|story|content|post) is (?:only )?(?:available to|reserved for) .{0,40}\W*
        already (?:have an account|a subscriber|a member|subscribed|registered)\b.{0,140}
        (?:log|sign) in to (?:continue|keep|read|unlock|access)\b.{0,120}
        unlimited (?:digital )?access to (?:all|our|every|the (?:site|app|archive))\b.{0,120}
        cancel (?:at )?any ?time\b.{0,80}
        (?:subscribe|sign up|register)(?: \w+)? to (?:continue|keep|read|unlock|access)\b.{0,120}
        .{0,100}\bbecom(?:e|ing) a (?:free or )?(?:paid|paying) (?:member|subscriber)\b.{0,80}
        .{0,60}\b(?:get|receive) (?:our|the|my) .{0,80}\b(?:in|to) your inbox\b.{0,80}
        (?:was this e-?mail )?forwarded (?:this e-?mail|to you)\?.{0,80}
        (?:view|read|open) (?:this|it|in) (?:e-?mail |newsletter )?in (?:your|a|the) browser\W*
        refer (?:a|\d+|\w{3,5}) friends? (?:and|to) .{1,80}
        you(?:'re| are) receiving this (?:e-?mail|newsletter|message) because .{1,200}
        how did you like (?:today's|this) .{1,40}\?
        (?:was|is|did you find) this (?:page|article|information) (?:help|use)ful\W*.{0,40}
        is there anything wrong with this page\W*
        (?:please )?help us (?:to )?improve (?:this|our|the) (?:page|web ?site|site|service).{0,120}
        click here to (?:see|view|open|explore) .{0,80}\binteractive .{0,300}
        click here (?:to|for) (?:\S+ ){0,8}(?:gallery|photos?|pictures|slide ?show|videos?)\W*
        please (?:log|sign) in\b.{0,120}
        to (?:read|view|see|access|download|comment)\b.{0,80}, please (?:log|sign) in\b.{0,100}
        to (?:read|view|see) (?:this|more|the (?:full|rest))\b.{0,60}, (?:log|sign) in\b.{0,100}
        become an? (?:member|subscriber|supporter|patron)(?: (?:today|now|here))?\W*
        (?:gain|get|enjoy) (?:full|unlimited|instant|complete) access\b.{0,140}\bsubscri.{0,60}
        (?:want|looking|wish) to (?:read|continue reading) (?:the|more|this)\b.{0,60}\?
        (?:follow|join) our .{0,40}\b(?:channel|page|group)\b.{0,120}
        follow on (?:whatsapp|telegram|facebook|instagram|youtube|google news|x)
        stay (?:up to date|informed)\b.{0,120}\b(?:follow|subscrib|sign|join)\w*\b.{0,80}
        [^.,]{2,60} is (?:entirely )?(?:supported|funded) by (?:its|our) readers\.?
        [^.,]{2,60} is (?:an? )?(?:entirely )?reader-(?:supported|funded)(?: \w+)?\.?
        [^.,]{2,60} is .{0,15}\b(?:by (?:its|our) readers|reader-\w+)\b.*\b(?:you|we|our|my)\b.*
        \(attn: .{1,160}\)
        \((?:end|more)\)
        virin: [\w-]+
        download image: .{0,60}
        ed(?:itor)?s: (?:(?-i:[A-Z]{4,})|updates?|adds?|corrects?|with|subs)\b.{0,300}
        (?-i:SOURCE:? [A-Z]).{1,80}
        (?:media|press|investor) (?:contacts?|enquiries|inquiries|relations):?
        (?:media|press|investor) (?:contacts?|enquiries|inquiries|relations): .{0,160}[@\d].{0,160}
        this (?:entry|post) was (?:posted|written) (?:on|in|by|under)\b.{0,300}\bfiled under\b.*
        you can (?:follow any responses to this|leave a response,|skip to the end and) .{0,200}
        (?:do you have|have you(?: got)?) (?:an? |any |more )?(?:story|news|tips?)(?: for us)?\?
        (?:do you have|have you(?: got)?) .{1,80}\? (?:please )?(?:contact|e-?mail|write)\b.*
        (?:do you have|have you(?: got)?) .{1,80}\? (?:please )?(?:get in touch|send|tell us).*
        (?:do you have|have you(?: got)?) .{1,80}\?.{0,60}@.*
        for more (?:stories|news) (?:like this|from .{1,60}),.{0,120}
        our (?:journalism|reporting|newsroom) (?:needs|depends on|relies on) (?:your?|readers)\b.*
        our (?:journalism|reporting|newsroom) is (?:funded|made possible) by (?:you|readers)\b.*
        add .{1,60} (?:as|to) (?:a|your) preferred sources?(?: on google)?\W*.{0,40}
        [\w.+-]+@[\w-]+(?:\.[\w-]+)+(?: ?[,;|/] ?[\w.+-]+@[\w-]+(?:\.[\w-]+)+)*
        \(?with (?:inputs?|files|reporting) (?:from|by) [^.]{2,120}\)?
        catch (?:all )?the .{0,60}\b(?:breaking|latest|top) (?:news|headlines|updates)\b.{0,120}
    """,
    "de": r"""
        vor (?:\d{1,2}|einer|einem) (?:sekunden|minuten?|stunden?|tag(?:en)?)
        ihr browser (?:unterstützt|kann)\b.{0,60}\b(?:nicht|keine?n?)\b.{0,60}
        lesen sie (?:auch|mehr|dazu|hier|weiter).{0,200}
        mehr (?:zum thema|lesen|erfahren):?.{0,100}(?<![.!?])
        mehr (?:zum thema|lesen|erfahren) sie\b.{0,100}
        mehr dazu(?: (?:hier|lesen|finden|erfahren|im|in)\b)?:?.{0,100}
        mehr (?:über|aus|von) .{0,140}(?<![.!?])
        lesen sie .{0,120}:
        auch interessant:?.{0,160}
        das könnte sie auch interessieren.*
        weiterlesen.{0,40}
        (?:anzeige|werbung|teilen|drucken|merken|kommentieren|kommentare?)(?::.{0,120})?
        (?:zur startseite|weitere artikel|weitere themen|themen|schlagworte)(?::.{0,120})?
        (?:schlagwörter|quelle|quellen|foto|bild)(?::.{0,120})?
        (?:artikel|beitrag) (?:teilen|drucken|versenden|merken|per e-?mail .*)
        (?:auf|per|via) (?:facebook|twitter|whatsapp|e-?mail|linkedin|xing)(?: .{0,20})?
        (?:foto|bild|fotos|bilder|grafik|illustration|titelbild)\s?(?:nachweis)?: .{1,100}
        (?:bildquelle|bildrechte|symbolbild|archivbild)\s?(?:nachweis)?: .{1,100}
        © ?.{1,100}
        \d+ (?:minuten?|min\.?) (?:lesezeit|lesedauer)
        lesezeit:? .{0,20}
        \d+ kommentare?
        (?:hier|jetzt) .{0,60}(?:newsletter|abonnieren|anmelden).{0,80}
        (?:newsletter|abonnieren|anmelden|registrieren|abo|login|jetzt abonnieren)
        .{0,60}\bnewsletter\b.{0,40}\b(?:abonnieren|anmelden|bestellen|eintragen)\b.{0,80}
        folgen sie uns .{0,100}
        mit material (?:von|der) .{0,60}
        (?:dpa|afp|apa|reuters|sid|epd|kna)(?:[/, -]{1,3}\w{2,10}){0,3}
        quelle: .{1,80}
        mehr
        (?:weitere|mehr) informationen(?: .{0,40})?
        schlagwörter(?: .{0,60})?
        dieses thema im programm.{0,60}
        über dieses thema berichtete.{0,120}
        empfohlener (?:redaktioneller|externer) inhalt
        an dieser stelle finden sie .{0,120}\binhalte?\b.{0,200}
        (?:ich bin|sie sind) (?:damit )?einverstanden, dass .{0,60}\binhalte?\b.{0,200}
        .{0,120}\bpersonenbezogene daten an drittplattformen\b.{0,200}
        dieser artikel wurde ausgedruckt .{0,300}
        (?:inhalt|box|text) (?:auf|zu)klappen(?: .{0,40})?
        zurück zur (?:übersicht|startseite|liste)
        (?:inhalt|inhalte) (?:anzeigen|laden|entsperren)
        (?:dieser|der) (?:artikel|beitrag|text) (?:ist|erschien) (?:zuerst|zuvor|erstmals)\b.{0,160}
        war (?:dieser (?:artikel|beitrag)|diese seite) (?:hilfreich|nützlich)\W*.{0,40}
        sie erhalten diese (?:e-?mail|nachricht), weil .{1,160}
    """,
    "fr": r"""
        il y a (?:\d{1,2}|une?) (?:minutes?|heures?|jours?)
        votre navigateur ne (?:supporte|prend|permet|peut pas (?:lire|afficher))\b.{0,120}
        lire aussi.{0,200}
        à lire (?:aussi|également).{0,200}
        (?:partager|publicité|commenter|imprimer|s'abonner|newsletter|sur le même sujet.*)
        (?:voir aussi.*|réagir|tags?:.*)
        (?:crédit photo|photo|crédit)s? ?:.{1,100}
        temps de lecture.{0,30}
        inscrivez-vous .{0,120}
        la suite après (?:cette|la) publicité
        article réservé aux abonnés
        (?:abonnez-vous|suivez-nous|rejoignez-nous)\b.{0,160}
        \d+ commentaires?
        (?:propos recueillis|entretien (?:réalisé|mené)) par .{3,60}
        cet (?:article|entretien) (?:est paru|a été publié|est initialement paru)\b.{0,160}
        (?:une? [^.?!]{2,40}\? )?signalez (?:une|un|l'|la) ?(?:information|erreur|problème)\b.{0,80}
        cette page vous a-t-elle été utile\W*.{0,40}
        vous recevez (?:ce|cet) (?:e-?mail|message|courriel) (?:car|parce que) .{1,160}
        il vous reste .{1,12}% de cet article à lire.*
    """,
    "es": r"""
        hace (?:\d{1,2}|una?) (?:minutos?|horas?|días?)
        (?:tu|su) navegador no (?:soporta|admite|es compatible)\b.{0,100}
        (?:tu|su) navegador no puede (?:reproducir|mostrar)\b.{0,100}
        (?:lea|lee|leer|ver|vea|mira) (?:también|además|más|tambien).{0,200}
        (?:te puede interesar|también te puede interesar|más información)(?::.{0,120})?
        (?:noticias relacionadas|temas relacionados|relacionad[oa]s?|publicidad)(?::.{0,120})?
        (?:compartir|comentarios|comentar|imprimir|etiquetas|temas)(?::.{0,120})?
        (?:suscríbete.{0,120}|síguenos .{0,120})(?::.{0,120})?
        (?:foto|crédito|imagen|fuente)s?: .{1,100}
        \d+ comentarios?
        archivado en:?.{0,160}
        mostrar comentarios
        (?:seguir|síguelo|síguela) en:? ?.{0,40}
    """,
    "pt": r"""
        há (?:\d{1,2}|uma?) (?:minutos?|horas?|dias?)
        (?:leia|veja|saiba|confira) (?:também|mais).{0,200}
        tempo de leitura:? .{0,20}
        (?:publicidade|compartilhe|comentários|relacionadas|assine.{0,100})
        (?:foto|crédito|imagem)s?: .{1,100}
    """,
    "it": r"""
        (?:\d{1,2}|un'?a?) ?(?:minut[oi]|or[ae]|giorn[oi]) fa
        il tuo browser non (?:supporta|può (?:riprodurre|mostrare)|consente)\b.{0,100}
        leggi anche.{0,200}
        (?:pubblicità|condividi|commenti|stampa|iscriviti.{0,100})
        (?:foto|crediti): .{1,100}
        riproduzione riservata.{0,60}
        © riproduzione riservata
    """,
    "nl": r"""
        (?:\d{1,2}|een) (?:minuut|minuten|uur|dag|dagen) geleden
        (?:je|uw) browser (?:ondersteunt|kan)\b.{0,60}\b(?:niet|geen)\b.{0,60}
        lees (?:ook|verder|meer).{0,200}
        (?:advertentie|delen|reacties|tags)
        (?:foto|beeld): .{1,100}
    """,
    "nordic": r"""
        (?:publicerad|publisert|publiceret):? .{0,40}(?:\d:|\bkl\.? ?\d{1,2}\.)\d\d
        (?:sist )?(?:uppdaterad|oppdatert|opdateret):? .{0,40}(?:\d:|\bkl\.? ?\d{1,2}\.)\d\d
        (?:för )?(?:\d{1,2}|en|ett) (?:minut(?:er)?|timm(?:e|ar)|dag(?:ar)?) sedan
        (?:for )?(?:\d{1,2}|en|et) (?:minutt?(?:er)?|tim(?:e|er)|dag(?:er|e)?) siden
        din (?:webbläsare|nettleser|browser) (?:stöd\w+|(?:under)?støtter) (?:inte|ikke)\b.{0,80}
        läs (?:också|även|mer).{0,200}
        les (?:også|mer).{0,200}
        læs (?:også|mere).{0,200}
        (?:dela|del|annons|annonse|annonce|kommentarer)
        (?:foto|bild): .{1,100}
    """,
    "pl": r"""
        (?:\d{1,2} )?(?:minut\w*|godzin\w*|dni|dzień) temu
        twoja przeglądarka nie (?:obsługuje|wspiera)\b.{0,100}
        dalsz(?:a część|y ciąg) (?:artykułu|tekstu|materiału) (?:pod|poniżej)\b.{0,60}
        czytaj (?:także|też|również|więcej).{0,200}
        zobacz (?:także|też|również).{0,200}
        (?:przeczytaj|sprawdź|polecamy) (?:także|też|również).{0,200}
        (?:zapisz się|subskrybuj|obserwuj nas|śledź nas)\b.{0,160}
        (?:reklama|udostępnij|komentarze|polecamy|tagi: .{0,160}|powrót)
        .{0,60}wszelkie prawa zastrzeżone.{0,80}
        (?:(?:fot|foto)\.?:?|źródło:) .{1,80}
        (?:wideo|galeria|zobacz zdjęcia): .{1,120}(?<![.!?])
        (?:ostatnia modyfikacja|pierwsza publikacja):.{0,60}
    """,
    "cs": r"""
        (?:čtěte|přečtěte si) (?:také|též|více).{0,200}
        (?:reklama|sdílet|diskuse|související.{0,60})
        (?:foto|zdroj): .{1,80}
    """,
    "ru": r"""
        (?:\d{1,2} )?(?:минут\w?|час\w{0,2}|дн\w{1,2}|день) назад
        ваш браузер не поддерживает(?!\w).{0,100}
        (?:читайте|смотрите) (?:также|ещё|еще).{0,200}
        (?:реклама|поделиться|комментарии|подписаться|подписывайтесь .{0,120})
        (?:подпишитесь|присоединяйтесь|следите за нами)\b.{0,160}
        (?:если вы )?(?:заметили|нашли|обнаружили) (?:ошибку|опечатку)\b.{0,160}
        (?:материалы |новости )?по теме(?:: .{0,160})?
        (?:теги|темы|метки): .{0,160}
        версия для печати
        (?:фото|источник): .{1,80}
        .{0,160}\bподпи(?:сывайтесь|шитесь|сывайся) на (?:наш\w*|нас)(?!\w).{0,160}
    """,
    "uk": r"""
        (?:\d{1,2} )?(?:хвилин\w?|годин\w?|дн\w{1,2}|день) тому
        ваш браузер не підтримує(?!\w).{0,100}
        (?:читайте|дивіться) (?:також|ще).{0,200}
        (?:реклама|поділитися|коментарі|підписуйтесь .{0,120})
        (?:підписуйтеся|підпишіться|приєднуйтеся|приєднуйтесь|стежте за нами)\b.{0,160}
        (?:якщо ви )?(?:помітили|знайшли|побачили) (?:\w+ )?помилку\b.{0,160}
        (?:матеріали |новини )?(?:за темою|по темі)(?:: .{0,160})?
        (?:теги|теми|мітки): .{0,160}
        версія для друку
        (?:фото|джерело): .{1,80}
        .{0,160}\bпідпи(?:суйтесь|суйтеся|шіться) на (?:наш\w*|нас)(?!\w).{0,160}
    """,
    "tr": r"""
        (?:reklam|paylaş|yorumlar|yorum yap|ilgili haber(?:ler)?(?:.{0,160}(?<![.!?]))?|abone ol.*)
        (?:ayrıca|bunu da|bu haberi de) (?:bakınız|bkz|oku(?:yun)?|okuyabilirsiniz)\b.{0,160}
        .{0,80}\b(?:whatsapp|telegram) kanal\w+ (?:katıl|abone|takip).{0,100}
        devamını oku.{0,40}
        (?:\d{1,2}|bir) (?:dakika|saat|gün) önce
        (?:fotoğraf|kaynak): .{1,80}
    """,
    "id": r"""
        (?:baca|simak|lihat) (?:juga|selengkapnya).{0,200}(?<![.!?])
        (?:pewarta|penulis|penyunting) ?: .{2,60}
        (?-i:Reporter|Editor) ?: (?-i:[A-Z]\w+(?:(?:,| &| dan)? [A-Z]\w+){1,5})
    """,
    "vi": r"""
        (?:xem|đọc) thêm ?[:>»].{0,200}
        (?:tin|bài)(?: viết)? liên quan(?: ?[:>»].{0,160})?
    """,
    "fi": r"""
        lue (?:myös|lisää).{0,200}
        mainos\b.{0,40}
        (?:jaa|kommentit|kommentoi|tulosta|aiheesta lisää)
        (?:juttu|artikkeli|teksti) jatkuu .{0,40}
        tilaa .{0,40}uutiskir.{0,100}
        (?:kuva|kuvat|lähde|lähteet|aiheet|avainsanat): .{1,100}
    """,
    "el": r"""
        (?:διαβάστε|δείτε|ακούστε) (?:επίσης|ακόμα|ακόμη|περισσότερα|και)(?!\w).{0,200}
        ακολουθήστε (?:μας|το|τη|την)(?!\w).{0,200}
        (?:διαφήμιση|σχόλια|κοινοποίηση|μοιραστείτε.{0,60}|σχετικά (?:άρθρα|νέα|θέματα).{0,60})
        (?:πηγή|φωτογραφία|φωτογραφίες|φωτο|φωτό|ετικέτες): .{1,100}
        εγγραφείτε .{0,60}newsletter.{0,80}
    """,
    "ro": r"""
        (?:citește|citeşte|citiți|citiţi|vezi) (?:și|şi|mai mult)(?!\w).{0,200}
        (?:publicitate|distribuie|comentarii|articole similare)
        (?:sursa|sursă|foto): .{1,80}
    """,
    "hu": r"""
        (?:olvassa|olvasd) (?:el )?(?:ezt is|még|tovább|is)(?!\w).{0,200}
        (?:hirdetés|megosztás|hozzászólások|kapcsolódó cikkek?.{0,80})
        (?:forrás|fotó|kép): .{1,80}
    """,
    "ar": r"""
        (?:اقرأ|إقرأ|اقرأي|شاهد|طالع) (?:أيض[اً]{1,2}|ايضا|المزيد).{0,200}
        (?:قائمة )?اقرأ المزيد
        (?:المصدر|مصدر الصورة|تصوير|الصورة|كلمات مفتاحية) ?: ?.{1,100}
        (?:تابعونا|تابعنا) (?:على|عبر).{0,160}
        (?:إعلان|شارك|مشاركة|تعليقات|التعليقات|(?:مواضيع|أخبار|مقالات) ذات صلة.{0,40})
    """,
    "he": r"""
        (?:קראו|קרא|קראי|צפו) (?:גם|עוד|בנושא)(?!\w).{0,200}
        (?:לקריאה נוספת|ל?כתבות נוספות|עוד בנושא|כתבות קשורות).{0,120}
        (?:צילום|מקור|תגיות) ?: ?.{1,100}
        (?:פרסומת|שתפו|שיתוף|תגובות|הדפסה)
    """,
    "fa": r"""
        (?:بیشتر|همچنین) (?:بخوانید|بدانید|ببینید).{0,200}
        (?:اخبار|مطالب|خبرهای) مرتبط.{0,60}
        (?:منبع|عکس|برچسب‌?ها) ?: ?.{1,100}
        انتهای پیام\W*.{0,12}
        (?:تبلیغات|اشتراک‌?گذاری|نظرات)
    """,
    "zh": r"""
        (?:相关|相關|推荐|推薦|更多|热门|熱門|延伸|精彩)(?:新闻|新聞|阅读|閱讀|报道|報導)(?:[:：].{0,60})?
        (?:相关|相關|推荐|推薦|更多|热门|熱門|延伸|精彩)(?:文章|链接|推荐|专题)(?:[:：].{0,60})?
        [【(（\[]?(?:责任编辑|責任編輯|责编|編輯|编辑|校对|审核|监制|纠错)(?:[:：】].{0,80})?
        [【(（\[]?(?:来源|來源|文章来源|原标题|图片来源)(?:[:：】].{0,80})?
        .{0,120}(?:版权|版權)(?:归|歸|均属|均屬|所有|声明).{0,120}
        .{0,120}(?:未经|未經).{0,8}(?:授权|授權|许可|許可).{0,20}(?:转载|轉載|复制|摘编).{0,60}
        .{0,60}(?:不得转载|禁止转载|转载请注明|轉載請註明).{0,100}
        (?:广告|廣告|分享(?:(?:到|至)?.{0,20}(?<!。))?|评论|評論|返回(?:顶部|首页|列表)|打印(?:本页)?|关闭窗口)
        (?:点击|點擊)(?:查看|进入|阅读|下载|这里).{0,60}
        (?:扫码|扫一扫|扫描|长按).{0,40}(?:二维码|关注|下载).{0,40}
        .{0,160}[\u4e00-\u9fff] ?(?<!拍)(?:摄|攝|摄影报道)\W{0,2}
        (?:图为|圖為|图自|图源|图片说明)[^。]{1,120}。?
    """,
    "ja": r"""
        (?:関連|おすすめ|オススメ|人気|注目)の?(?:記事|ニュース|リンク|トピックス?|キーワード|動画)(?:[:：].{0,80})?
        (?:あわせて読みたい|こちらも(?:おすすめ|読まれています)|続きを読む|もっと見る|記事一覧.{0,20})
        .{0,80}(?:無断転載|無断複製|転載を禁|複製を禁).{0,80}
        .{0,80}(?:会員限定|有料会員|会員登録|有料記事).{0,80}(?:です|ます|ください)。?.{0,60}
        [【［\[(（]?(?:写真|画像|動画|図表|関連(?:記事|ニュース|動画)?)[】］\])）:：=＝].{0,80}
        (?:広告|シェア(?:する)?|ツイート|コメント|印刷|ページの?トップへ?|一覧へ戻る)
        [（(【](?:[\u4e00-\u9fff々ヶ]{2,6}[、・ 　]?){1,4}[）)】]
    """,
    "ko": r"""
        (?:관련|추천|인기|주요|많이 본|이 시각) ?(?:기사|뉴스|콘텐츠|키워드|태그)(?:[:：].{0,60})?
        .{0,80}(?:무단 ?전재|무단 ?복제|재배포).{0,100}
        (?:저작권자|ⓒ).{0,160}
        (?:광고|공유|공유하기|댓글.{0,20}|인쇄|구독|구독하기|목록|맨 위로|글자크기.{0,20})
        (?:사진|출처|자료) ?[=:：] ?.{1,80}
        [가-힣]{2,4} ?(?:선임)?(?:기자|특파원)(?: ?[\w.+-]+@[\w.-]+)?
    """,
}
"""Lines that are never article text; a phrase must match the whole line."""

FLOATING = re.compile(r"\.|\[\^")
"""How a phrase begins that may have any words before its own: a slow one."""
FLOATING_WORDS = (
    "newsletter", "rights reserved", "terms of", "remove ads", "google news", "©", "becom",
    "your inbox", "reader", "drittplattformen", "wszelkie prawa", "kanal", "ortaya çıktı",
)  # fmt: skip
"""Words one of which stands in every text, in lower case, that such a phrase in Latin script
matches: texts without them are not compared with these phrases."""
OTHER_SCRIPTS = frozenset(words("ru uk el ar he fa zh ja ko"))
"""Languages of `DROP_ANYWHERE` whose phrases contain no Latin text."""

FEED_CREDITS = r"""
    the post .{1,300} (?:appeared|was published) (?:first )?on .{2,120}
    der beitrag .{1,300} erschien zuerst auf .{2,120}
    cet article .{1,300} est apparu en premier sur .{2,120}
    l'article .{1,300} est apparu en premier sur .{2,120}
    la entrada .{1,300} (?:se publicó primero en|aparece primero en|apareció primero en) .{2,120}
    o post .{1,300} (?:apareceu primeiro em|aparece primeiro em) .{2,120}
    l'articolo .{1,300} (?:proviene da|sembra essere il primo su) .{2,120}
    het bericht .{1,300} verscheen eerst op .{2,120}
    inlägget .{1,300} dök först upp på .{2,120}
    innlegget .{1,300} dukket først opp på .{2,120}
    (?:indlægget|artiklen) .{1,300} blev (?:først|vist først) .{2,120}
    artikkeli .{1,300} julkaistiin ensimmäisenä .{2,120}
    artykuł .{1,300} pochodzi z (?:serwisu )?.{2,120}
    příspěvek .{1,300} (?:se nejdříve objevil|pochází) .{2,120}
    articolul .{1,300} apare prima dată în .{2,120}
    запись .{1,300} впервые появилась .{2,120}
    запис .{1,300} (?:спершу|вперше) з['ʼ]явився .{2,120}
    [^.…\]]{1,300} yazısı ilk önce .{2,120} üzerinde ortaya çıktı\.?
    投稿.{1,300}は.{2,120}に最初に表示されました。?
"""
"""The line that WordPress plugins add below each entry of a feed, in their translations."""

CAPTION_END = r"""
    \((?:[^()]{0,80}[ /])?(?:photo|foto|image|graphic|bild|imagen)s?(?: ?[/:|]| by\b)[^()]{0,160}\)
    \((?:[^()]{0,80}[ /])?(?:photo|foto|image|graphic|bild|imagen)s?(?: (?:illustration|credit))?\)
    \((?:picture|image|photo)s? (?:source|credit)s? ?: [^()]{1,160}\)
    \((?:[^()]{0,80} )?(?:courtesy|illustration)(?: ?[/:|]| of\b| by\b)[^()]{0,160}\)
    \((?:[^()]{0,80} )?(?:courtesy|illustration)\)
    \([^()]{0,80}(?:AP|Reuters|AFP|EPA)/(?!AFP|APA?\b|Belga|dpa|Reuters|SDA)[^()]{1,80}\)
    \([^()]{0,80}(?:Getty Images|DVIDS)/[^()]{1,80}\)
    [.!?…。"'] ?(?:photo|picture|graphic|foto|bild|grafik|写真|фото)s? ?[:：] ?[^.:]{2,60}
"""
"""Ends of captions that are paragraphs: a credit in brackets, or after the last sentence. A
remark in brackets may speak of photos too, and two agencies sign a text."""

DROP_BEFORE_TEXT = {
    "en": r"""
        by .{1,160}\b(?:published|posted|updated)\b.{4,40}
        (?:by|written by|story by|words by|reporting by|posted by|published by|author:?)\b.{1,100}
        (?:from)\b.{1,100}
        (?:published|updated|posted|last updated|first published|created|date|modified)\b.{0,80}
        .{0,60}\b(?:staff|staff writer|correspondent|reporter|editor|contributor)
        .{0,60}\b(?:contributing writer)
        (?:press|news|media) (?:release|statement)\b.{0,60}
        for immediate release\b.{0,60}
        check(?:ed)? against delivery\W*
    """,
    "de": r"""
        von .{2,80}
        (?:stand|veröffentlicht|aktualisiert|erstellt|datum|autor(?:in)?)\b.{0,80}
        (?:ein (?:kommentar|gastbeitrag|artikel|interview) von)\b.{0,80}
        es gilt das gesprochene wort\W*
    """,
    "fr": r"""
        par .{2,80}
        (?:publié|mis à jour|modifié)\b.{0,80}
        seul le prononcé fait foi\W*
    """,
    "es": r"""
        por .{2,80}
        (?:publicado|actualizado|actualización)\b.{0,80}
    """,
    "pt": r"""
        por .{2,80}
        (?:publicado|atualizado)\b.{0,80}
    """,
    "it": r"""
        di .{2,50}
        (?:pubblicato|aggiornato)\b.{0,80}
    """,
    "nl": r"""
        door .{2,80}
        (?:gepubliceerd|bijgewerkt)\b.{0,80}
    """,
    "nordic": r"""
        (?:av|af) .{2,60}
        (?:publicerad|publisert|uppdaterad|oppdatert|offentliggjort)\b.{0,80}
    """,
    "slavic": r"""
        autor(?:zy|ka)?[.:]* .{2,80}
        (?:opublikowano|aktualizacja|zaktualizowano|publikováno|aktualizováno)\b.{0,40}\d.{0,40}
        (?:автор|авторы|автори)[.:]* .{2,80}
        (?:опубликовано|обновлено|опубліковано|оновлено)\b.{0,40}\d.{0,40}
    """,
    "tr": r"""
        (?:yazan|haber|giriş)[:：].{0,80}
        (?:yayınlanma|yayın tarihi|güncelleme|güncellenme)\b.{0,40}\d.{0,40}
    """,
    "fi": r"""
        (?:julkaistu|päivitetty)\b.{0,40}\d.{0,40}
        teksti: .{0,80}
    """,
    "el": r"""
        (?:δημοσίευση|δημοσιεύθηκε|δημοσιεύτηκε|ενημέρωση)(?!\w).{0,40}\d.{0,40}
        συντάκτης: .{0,80}
    """,
    "ar, fa, he": r"""
        (?:تاريخ النشر|نشر في|آخر تحديث|تاریخ انتشار|פורסם|עודכן)(?!\w).{0,80}
        (?:بقلم|מאת) .{2,60}
        (?:كتب|كتبت|نویسنده) ?: ?.{2,60}
    """,
    "zh": r"""
        (?:来源|來源|稿源|文章来源|信息来源|作者|记者|記者|编辑)[:： ].{0,120}
        (?:发布时间|发布日期|日期|时间|浏览|字号)[:： ].{0,120}
    """,
    "ja": r"""
        (?:更新|公開|配信|投稿|掲載|最終更新|発行|文|取材)(?:日時?|日付)?[:： ].{0,80}
    """,
    "ko": r"""
        (?:입력|수정|등록|승인|작성|최종수정|기사입력)(?:일시?|시간)?[:： ].{0,80}
        [가-힣]{2,4} ?(?:기자|특파원|논설위원)(?: ?[\w.-]+@[\w.-]+)?
    """,
}
"""Short lines that are bylines or dates if they come before any running text."""

OFFER = r"""
    (?:subscribe|sign up|join|register|become a member|donate|support us)(?: .{1,30})?
    (?:get|start) (?:the|our|your|my) .{0,30}(?:newsletter|trial|subscription|letter)
    (?:try|start) .{0,20}(?:free|trial)(?: .{1,20})?
    (?:jetzt |hier |gleich )?(?:abonnieren|anmelden|registrieren|bestellen|spenden|testen)
    (?:newsletter) (?:abonnieren|bestellen)
    (?:je m'|s'|m')(?:abonne|abonner|inscris|inscrire)(?: .{1,30})?
    (?:suscríbete|suscribirme|suscribirse|suscríbase|apúntate)(?: .{1,30})?
    (?:assine|assinar|inscreva-se)(?: .{1,30})?
    (?:iscriviti|abbonati)(?: .{1,30})?
    (?:abonneer|inschrijven|aanmelden|word lid)(?: .{1,30})?
    (?:prenumerera|abonner|tilmeld|meld deg på)(?: .{1,30})?
    (?:zapisz się|subskrybuj|odebírat|předplatit|подписаться|підписатися|abone ol)(?: .{1,30})?
"""
"""The texts of buttons that ask to subscribe."""


@cache
def offer() -> re.Pattern[str]:
    """`OFFER` as a pattern, to be matched against a button's whole text."""
    return pattern([OFFER])


COMMENT_COUNT = r"""
    (?=.{0,60}$)\d+ (?:comments?|responses?|replies|kommentare?|commentaires?|comentarios?)\b
    (?=.{0,60}$)\d+ (?:comentários?|commenti|reacties|kommentarer|komentarz[ey]|yorum)\b
    (?=.{0,60}$)\d+ (?:комментари\w+|коментар\w+)
"""
"""Beginnings of short lines that say how many readers' comments follow."""

ANSWER = r"""
    [▲▼↑↓\d.,kК ]{0,24}(?:reply|antworten|répondre|responder|rispondi|beantwoord(?:en)?)\W*
    [▲▼↑↓\d.,kК ]{0,24}(?:svar|svara|odpowiedz|odpovědět|ответить|відповісти|yanıtla)\W*
"""
"""What a reader may click below a comment, with its votes."""

BIOGRAPHY = words(
    """
    is was has are writes covers joined works worked reports leads serves specializes holds
    teaches studies edits runs directs commanded retired served researches
    ist war schreibt arbeitet berichtet leitet lehrt est écrit es escribe trabaja è scrive är er
    """
)
"""Words that follow an author's name in the note about the author at the end."""

END_OF_ARTICLE = {
    "en": r"""
        (?:related)(?: (?:articles?|stories|posts|content|news|links|coverage|reading|topics))?:?
        recommended(?: (?:articles?|stories|posts|content|news|links|coverage|reading|topics))?:?
        (?:more|latest|other) (?:[\w'&]+ ){0,3}(?:stories|news|articles|posts)(?: .{0,40})?
        (?:read|see|explore) (?:more|next|also)(?: .{0,40})?
        more (?:from|on|in|about) .{1,60}
        (?:you (?:may|might) (?:also )?(?:like|be interested in).{0,30}|recommended for you)
        (?:most (?:read|popular|viewed)|trending(?: now)?|editors'? picks?|what to read next)
        (?:up next|don'?t miss.{0,20}|keep reading|sponsored.{0,30}|around the web)
        also (?:in the news|on this site|of interest)
        latest(?: posts)?
        about the authors?
        about the writer
        (?:\d+ )?(?:comments?|responses?|replies|thoughts on .*) ?(?:\(\d+\))?
        leave a (?:comment|reply).*
        join the (?:conversation|discussion)
        share this.{0,40}
        references
        footnotes
        see also
        further reading
        external links
        endnotes
        article sources
        (?:(?:media|press) )?contacts?|(?:media|press) (?:enquiries|inquiries)
        (?:contacts?|notes) (?:for|to) (?:the )?(?:media|press|editors?|journalists)
    """,
    "de": r"""
        (?:mehr|weitere|ähnliche) (?:zum thema|artikel|themen|beiträge|nachrichten)(?: .{0,40})?
        (?:mehr|weitere|ähnliche) (?:meldungen)(?: .{0,40})?
        das könnte (?:sie|dich|ihnen) auch (?:interessieren|gefallen)
        auch interessant
        meistgelesen.{0,40}
        (?:\d+ )?kommentare?(?: .{0,30})?
        verwandte (?:artikel|themen)
        über den autor|über die autorin
        schreib(?:e|en sie)? einen kommentar
        (?:presse)?kontakte?|ansprechpartner(?:in)?
    """,
    "fr": r"""
        (?:sur le même (?:sujet|thème)|à lire aussi|articles? (?:liés|similaires)|commentaires)
        (?:voir aussi|les plus lus)
        contacts? (?:presse|médias?)
    """,
    "es": r"""
        (?:noticias|artículos|temas|contenido) relacionad[oa]s?
        te puede interesar
        también te puede interesar
        lo más (?:leído|visto)
        comentarios
        más (?:noticias|sobre .{0,40})
    """,
    "pt": r"""
        leia também
        (?:notícias|matérias) relacionadas
        comentários
        mais lidas
    """,
    "it": r"""
        leggi anche
        articoli correlati
        commenti
        potrebbe interessarti.{0,20}
    """,
    "nl, nordic": r"""
        lees (?:ook|verder|meer)|gerelateerd(?:e artikelen)?|reacties
        (?:les|läs|læs) (?:også|också|även|mer|mere)
        (?:relaterte?|relaterade|relaterede) (?:saker|artikler|artiklar)|kommentarer
    """,
    "pl, cs": r"""
        (?:zobacz|czytaj|przeczytaj) (?:też|także|również)|powiązane(?: artykuły| tematy)?
        komentarze.{0,8}
        informacje o publikacji dokumentu
        (?:související|další) (?:články|zprávy)|diskuse.{0,8}
    """,
    "ru, uk": r"""
        (?:читайте|смотрите) (?:также|ещё|еще)|(?:материалы |новости )?по теме
        другие новости|комментарии.{0,8}
        (?:читайте|дивіться) (?:також|ще)|(?:матеріали |новини )?за темою
        інші новини|коментарі.{0,8}
    """,
    "tr": r"""
        ilgili haber(?:ler)?|benzer haberler|yorumlar.{0,8}
    """,
    "fi": r"""
        lue myös|lue lisää|aiheesta lisää|kommentit.{0,8}
    """,
    "el": r"""
        (?:διαβάστε|δείτε) (?:επίσης|ακόμα|ακόμη)|σχετικά (?:άρθρα|νέα|θέματα)|σχόλια.{0,8}
    """,
    "ar, fa, he": r"""
        (?:قائمة )?اقرأ (?:أيض[اً]{1,2}|المزيد)|(?:مواضيع|أخبار|مقالات) ذات صلة|التعليقات
        (?:اخبار|مطالب|خبرهای) مرتبط|نظرات(?: کاربران)?
        כתבות (?:נוספות|קשורות)|עוד בנושא|תגובות.{0,8}
    """,
    "zh, ja, ko": r"""
        (?:相关|相關|推荐|推薦|更多|热门|熱門|延伸)(?:新闻|新聞|阅读|閱讀|报道|報導|文章|链接|推荐)
        (?:関連|おすすめ|人気)の?(?:記事|ニュース|リンク|トピックス?)|あわせて読みたい
        (?:관련|추천|인기|많이 본) ?(?:기사|뉴스)|댓글.{0,8}
    """,
}
"""Headings (or short lines) after which a page goes on to other things."""

CORRECTION = {
    "en": r"""
        (?:corrections?|clarification|editor'?s'? note)(?:,? [^:.]{1,40})?: .
        an? (?:correction|clarification) (?:was|has been) (?:made|appended|added|published)\b
        this (?:article|story|report|post|piece) (?:was|has been) (?:amended|corrected|clarified)\b
        an? (?:earlier|previous) version of this (?:article|story|report|post|piece|headline)\b
    """,
    "de": r"""
        (?:korrektur(?:hinweis)?|richtigstellung|anmerkung der redaktion)(?:,? [^:]{1,40})?: .
        in einer (?:früheren|ersten|vorigen) (?:version|fassung) (?:dieses|des) (?:artikel|text)
    """,
    "fr, es, pt, it": r"""
        (?:rectificatif|erratum|correction|note de la rédaction)(?:,? [^:]{1,40})? ?: .
        une (?:première|précédente) version de cet article\b
        (?:corrección|fe de errores|rectificación|nota de la redacción)(?:,? [^:]{1,40})?: .
        (?:correção|errata|nota da redação|correzione|rettifica|errata corrige)(?:,? [^:]{1,40})?: .
    """,
    "nl, nordic": r"""
        (?:correctie|rectificatie|noot van de redactie)(?:,? [^:]{1,40})?: .
        in een eerdere versie van dit (?:artikel|bericht)\b
        (?:rättelse|rettelse|retting|korrigering|oikaisu|korjaus)(?:,? [^:]{1,40})?: .
    """,
    "slavic": r"""
        (?:sprostowanie|korekta|oprava|исправление|поправка|уточнение)(?:,? [^:]{1,40})?: .
        (?:от редакции|від редакції|виправлення|уточнення)(?:,? [^:]{1,40})?: .
    """,
}
"""Beginnings of corrections and editor's notes, which are the article's own words."""


@cache
def correction() -> re.Pattern[str]:
    """`CORRECTION` as a pattern, to be matched against the beginning of a paragraph."""
    return pattern(CORRECTION.values())


GENERIC_SECTIONS = frozenset(
    words(
        """
    news home homepage featured features uncategorized uncategorised general latest breaking
    articles article stories story blog posts top all main headlines frontpage front-page
    nachrichten actualités noticias notizie nieuws nyheter aktuelles startseite allgemein
    """
    )
) | {"top stories", "top news", "latest news", "breaking news", "front page", "editor's picks"}
"""Section names that say nothing about the subject."""

# ---------------------------------------------------------------------- blocked pages

BLOCKED = {
    "cookie wall": r"""
        (?:accept|manage|reject)(?: all)? cookies
        cookie (?:settings|preferences|policy|consent)
        we (?:and our (?:\d+ )?partners )?use cookies
        we and our (?:up to )?\d+ partners
        wir und unsere (?:bis zu )?\d+ partner
        nous et nos (?:\d+ )?partenaires
        nosotros y nuestros (?:\d+ )?socios
        noi e i nostri (?:\d+ )?partner
        zustimmen und weiter
        (?:weiter|lesen) mit werbung
        wir verwenden cookies und
        nous utilisons des cookies (?:et|pour)
        utilizamos cookies (?:y|para|propias)
        utilizziamo (?:i )?cookie (?:e|per)
        wij (?:en onze partners )?gebruiken cookies (?:en|om)
        korzystamy z plików cookie
        мы используем (?:файлы )?cookie
        mit werbung weiterlesen
        accepter et (?:continuer|fermer)
        consent to (?:the use|cookies)
    """,
    "paywall": r"""
        (?:subscribe|sign up|register) (?:now |today )?to (?:continue|read|keep|unlock|access)
        (?:already|existing) (?:a )?subscriber
        this (?:article|content) is (?:only )?(?:for) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:story) is (?:only )?(?:for) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:article) is (?:only )?(?:available to) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:content) is (?:only )?(?:available to) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:story) is (?:only )?(?:available to) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:article) is (?:only )?(?:reserved for) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:content) is (?:only )?(?:reserved for) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:story) is (?:only )?(?:reserved for) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:article) is (?:only )?(?:exclusive to) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:content) is (?:only )?(?:exclusive to) (?:our )?(?:paying )?(?:subscribers|members)
        this (?:story) is (?:only )?(?:exclusive to) (?:our )?(?:paying )?(?:subscribers|members)
        subscribers? only
        to (?:continue|keep) reading
        (?:want|looking|wish) to (?:continue )?read(?:ing)? (?:the|more|this)\b[^.?!\n]{0,60}\?
        (?:gain|get) (?:full|unlimited|instant) access to (?:\S+ ){0,3}(?:articles?|stor(?:y|ies))\b
        (?:gain|get) (?:full|unlimited|instant) access to (?:\S+ ){0,3}(?:news|content|journalism)\b
        weiterlesen mit
        jetzt abonnieren
        nur für abonnenten
        réservée? aux abonnés
        il vous reste .{1,12}% de cet article
        solo para suscriptores
        you have (?:reached|used) (?:your|all)
    """,
    "login": r"""
        (?:log|sign) in to (?:continue|your account|view|read)
        please (?:log|sign) in to (?:see|access)
        forgot (?:your )?password
        forgotten (?:your )?password ?\?
        enter your (?:username|password)
        (?:username|e-?mail(?: address)?) password
        create an account
    """,
    "error page": r"""
        (?:page|article|file|site) (?:not found)
        (?:page) (?:(?:you (?:are|were) looking for )?(?:could not|cannot|can't|couldn't) be found)
        (?:file) (?:(?:you (?:are|were) looking for )?(?:could not|cannot|can't|couldn't) be found)
        (?:site) (?:(?:you (?:are|were) looking for )?(?:could not|cannot|can't|couldn't) be found)
        (?:page|article|file|site) (?:no longer (?:exists|available))
        \b(?:404|403|500|502|503)\b.{0,40}\b(?:error|not found|forbidden|unavailable|bad gateway)
        error (?:404|403|500|502|503)
        access denied
        seite (?:wurde )?nicht gefunden
        page introuvable
        página no encontrada
        internal server error
        service (?:temporarily )?unavailable
        nothing was found at this location
        error establishing a database connection
        guru meditation
        we(?:'re| are) (?:currently )?performing (?:some )?(?:scheduled )?maintenance
        site is (?:currently |temporarily )?(?:down for|under|undergoing) (?:scheduled )?maintenance
        welcome to nginx
        contact your hosting provider
        this domain (?:name )?(?:is|may be) for sale
        buy this domain
        seite existiert (?:leider )?nicht
        page que vous (?:recherchez|cherchez|demandez) (?:n'existe|est introuvable)
        página que (?:busca|buscas|está buscando) no (?:existe|se encuentra)
        página não (?:foi )?encontrada
        pagina non trovata
        pagina che (?:stai cercando|cerchi|hai cercato) non (?:esiste|è)
        pagina (?:is )?niet gevonden
        sidan (?:hittades inte|kunde inte hittas|du söker finns inte)
        siden (?:ble ikke funnet|blev ikke fundet|kunne ikke findes|du leter etter)
        sivua ei (?:löydy|löytynyt)
        nie znaleziono strony
        strona,? której szukasz,? nie
        stránka (?:nebyla nalezena|neexistuje)
        az oldal nem található
        pagina nu (?:a fost găsită|există)
        sayfa bulunamadı
        η σελίδα δεν (?:βρέθηκε|υπάρχει)
        страниц[аы] не найден[аы]
        страница не существует
        сторінк[уи] не знайден[оа]
        сторінк\w+ не існує
        (?:الصفحة|صفحة) (?:غير موجودة|المطلوبة غير)
        הדף (?:לא נמצא|המבוקש)
        页面(?:不存在|未找到|找不到|走丢)
        ページ(?:が|は)見つかりません
        お探しのページ
        指定されたページは
        페이지를 찾을 수 없습니다
    """,
    "closed region": r"""
        (?:site|page|content|article) (?:\w+ ){1,3}(?:not |un)available in your (?:country|region)
        (?:site|page|content|article) (?:\w+ ){1,3}(?:not |un)available in your (?:location|area)
        unavailable to (?:visitors|users|readers) (?:in|from) the european
        from a country belonging to the european economic area
        451: unavailable
    """,
    "robot check": r"""
        sorry, you have been blocked
        cloudflare ray id
        security service to protect itself
        enable js and disable any ad ?blocker
        incapsula incident
        press (?:&|and) hold to confirm
        проверк[аи] браузера
        (?:что|чи) в[ыи] не робот
        (?:您的)?访问被(?:拦截|阻断|拒绝)
        (?:verify|confirm|prove) (?:that )?you(?:'re| are) (?:a )?(?:human|not a robot)
        checking (?:your browser|if the site connection is secure)
        enable javascript and cookies
        complete the (?:captcha|security check)
        unusual traffic
        are you a robot
    """,
}
"""Phrases on pages that gave no article, by kind; they count only if there is hardly any text."""
YOU = (
    r"\b(?:we|our|you|your|wir|uns|unser\w*|dein[en]?|wij|onze|je|jouw|uw|nous|nos|vous|vos|votre|"
    r"nuestr[ao]s?|nostr[aeio]|tu[aeo]|vostr[aeio]|nós|noss[ao]s?|você|vår[ae]?|vores|din[ae]?|"
    r"ditt|nas[iz]\w{0,3}|tw[oó]j\w{0,3}|twoi\w{1,2}|náš|naš\w{1,3}|váš|vaš\w{1,3}|noi|noastr\w{1,2}|"
    r"nostru|sunteți|наш\w*|ваш\w*)\b"
)
"""Words of those who speak to a reader; a report speaks of others."""
CONSENT = (
    r"\b(?:accept|accett|acept|aceit|ak[cs]ept|akzept|agree|consen[st]|einwillig|zustimm|"
    r"einverstanden|toestemm|akkoord|samty[ck]k|godkän|godkjen|hyväksy|suostu|zgod|zgadz|souhlas|"
    r"súhlas|elfogad|hozzájárul|acord|prihva[tć]|slaže|onay|kabul|nõustu|sutik|sutink|piekr|соглас|"
    r"принима|приня|згод|прийма|прийня|συμφων|συναιν|συγκατ|αποδ[εέ]χ|αποδοχ)"
)
"""How words begin by which a reader is asked to agree."""
TOLD = (
    r"(?<!\bas )\b(?:said|says|told|announced|reported|complained|warned|sagten?|"
    r"teilten? .{0,60} mit|erklärten?|a (?:dit|indiqué|déclaré|annoncé)|dijo|"
    r"informó|ha detto|disse|сообщил[аио]?|заявил[аио]?|"
    r"повідоми(?:в|л[аио])|заяви(?:в|л[аио])|"
    r"(?:according to|laut|selon|según|(?<!\bun )secondo|(?<!\bu[mn] )segundo)"
    r"(?! (?:(?:i|le|la|il|as|os|a|o) )?(?:your|our|vos|votre|nos|notre|[nv]ostr[aeio]|"
    r"tu[aeo]?|tuoi|tus|sus?|su[aeo]s?|suoi|seus?|nuestr[ao]s?|noss[ao]s?|"
    r"(?:unsere|ihre|deine)[mnrs]?) "
    r"(?:cho[io]|pr[eé]f[eé]r[eê]n|escolh|scelt|elecci|selecci|consen|configura|impostazion|einstellung|"
    r"auswahl|einwilligung|datenschutz|records|polic|polít|privacy)))\b"
)
"""Words by which a sentence tells what others say, as reports do and walls do not: "as announced,
please sign in" tells of nobody.

"According to your choices" tells of nobody else, and "un segundo" is a second.
"""
