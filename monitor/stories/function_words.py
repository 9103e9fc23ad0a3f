"""Words that say nothing about an event, by language: grammar, weekdays, verbs of saying.

Learning them from the articles in memory needs hundreds of texts in each language; until then two
Polish reports would be one story because both say "jest" and "oraz". So the commonest are listed.
English has its own list in `common_words.py`. Codes are those of ISO 639-1.
"""

from __future__ import annotations

from monitor.stories.common_words import EMPTY_WORDS

_LISTED = {
    "de": """
ab aber alle allem allen aller alles als also am an andere anderen anderer anderes ans auch auf aus
außerdem bei beide beiden beim bereits bevor bis bisher da dabei dafür dagegen daher damit danach
dann daran darauf darin darüber das dass davon dazu dem demnach den denen denn der deren des
deshalb dessen die dies diese diesem diesen dieser dieses doch dort durch ein eine einem einen
einer eines einige einigen er erst erste ersten es etwa etwas für gab ganz gar gegen gegenüber geht
gehört gehörten gemeinsam gibt habe haben hat hatte hatten hätte hätten heute hier hieß hin hinter
ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem ins ist ja je jede jedem jeden
jeder jedes jedoch jetzt kam kamen kann kein keine keinem keinen keiner kommen kommt konnte konnten
können könne könnte könnten laut lassen man mehr mehrere mehreren mit muss müsse müssen musste nach
nachdem neben neue neuen neuer neues nicht nichts noch nun nur ob oder ohne rund sagen sagt sagte
sagten schon sehr sei seien sein seine seinem seinen seiner seines seit selbst sich sie sind so
sogar soll solle sollen sollte sollten sondern sowie sowohl später teilte tage tagen über um und
uns unter viel viele vielen vom von vor war waren warum was weil weiter weitere weiteren welche
welcher wenn wer werde werden weshalb wie wieder will wir wird wo wolle wollen wollte wollten
worden wurde wurden würde würden während zu zudem zum zur zwar zwischen montag dienstag mittwoch
donnerstag freitag samstag sonnabend sonntag mitteilte erklärte berichtete berichteten jahr jahre
jahren
""",
    "fr": """
a à afin ai ainsi alors après au aucun aucune aujourd aussi autour autre autres aux avait avant
avec avoir ayant c ce cela celle celles celui cependant ces cet cette ceux chaque chez ci comme
comment contre d dans de déjà depuis dernier dernière derrière des deux devant dit donc dont du
elle elles en encore entre es est et était étaient été être eu eux fait faire faut fois font hier
hui il ils j je jusqu jusque l la là le les leur leurs lors lorsque lui mais me même mêmes moins n
ne ni nos notre nous on ont ou où par parce pas pendant peu peut peuvent plus plusieurs plutôt pour
pourquoi pourrait pourtant près puis qu quand que quel quelle quelles quelque quelques quels qui
quoi s sa sans sauf se selon sera seront ses si sien soit son sont sous souvent sur t ta tandis
tant te tel telle tels tes toujours tous tout toute toutes très tu un une va vers voir vos votre
vous y ans an lundi mardi mercredi jeudi vendredi samedi dimanche affirmé annoncé déclaré indiqué
""",
    "es": """
a ahora al algo algún alguna algunas alguno algunos allí ante antes año años aquí así aún aunque
ayer bajo bien cada casi como cómo con contra cual cuál cuando cuándo cuanto cuatro da de debe
deben del desde después dijo donde dónde dos durante e él el ella ellas ello ellos en entre era
eran es esa esas ese eso esos esta está estaba estado están estar estas este esto estos fin fue
fueron ha había habían haber hace hacer hacia han hasta hay hizo hoy incluso la las le les lo los
luego mañana más mas me mediante mejor menos mi mientras mil mismo misma mucha muchas mucho muchos
muy nada ni ningún ninguna no nos nosotros nuestra nuestro o os otra otras otro otros para parte
pero poco por porque primer primera primero pues puede pueden que qué quien quién quienes se sea
según ser será serán si sí sido sin sino sobre solo sólo son su sus también tan tanto te tiene
tienen toda todas todavía todo todos tras tres tu un una unas uno unos va vez y ya yo lunes martes
miércoles jueves viernes sábado domingo afirmó anunció aseguró explicó señaló
""",
    "it": """
a abbia abbiamo ad agli ai al alcuni alcune alla alle allo altra altre altri altro anche ancora
anni anno appena avere aveva avevano base ben c che chi ci ciò cioè circa come con contro cosa così
cui d da dagli dai dal dalla dalle dallo davanti degli dei del dell della delle dello dentro di
dice dopo dove due durante e è ecco ed era erano essere fa fare fatto fino fra già gli ha hanno ho
i ieri il in infatti invece io l la là le lei li lo loro lui ma mai meno mentre mi mila molti molto
ne negli nei nel nell nella nelle nello nessuno no noi nome non nostra nostro o oggi ogni oltre ora
per perché però più poco poi possono prima primo proprio può qua quali quando quanto quella quelle
quelli quello questa queste questi questo qui quindi s sarà se secondo sei sempre senza si sì sia
siano sono sopra sotto sta stata state stati stato su sua sue sugli sui sul sulla sulle suo suoi
tra tre troppo tutta tutte tutti tutto un una uno v verso via vi lunedì martedì mercoledì giovedì
venerdì sabato domenica dichiarato spiegato detto
""",
    "pt": """
a à ainda além algumas alguns ano anos ante antes ao aos apenas após aquela aquele as às assim até
cada com como contra da das de dela dele deles depois desde dessa desse desta deste disse do dois
dos durante duas e é ela elas ele eles em embora enquanto entre era eram essa essas esse esses esta
está estão estar estas estava este estes eu faz fazer foi foram há hoje isso isto já la lhe lhes lo
mais mas me mediante menos mesma mesmo meu minha muito muitos na não nas nem nessa nesta neste no
nos nós nossa nosso num numa o onde ontem os ou outra outras outro outros para parte pela pelas
pelo pelos pode podem pois por porque porém quais qual quando quanto que quem são se segundo sem
sempre ser será seu seus si sido sob sobre sua suas também tanto tão tem têm ter teve tinha toda
todas todo todos três tudo um uma umas uns vai vez segunda terça quarta quinta sexta feira sábado
domingo afirmou anunciou
""",
    "nl": """
aan af al alle alleen als andere anders bij binnen daar daarna dan dat de deze die dit doch doen
door dus een eens eerder eerste elk elkaar en enkele er erg gaan gaat geen geweest haar had hadden
heb hebben heeft heel hem hen het hier hij hoe hun ik in is ja jaar jaren je kan kon konden kunnen
laat maar maken me meer men met mij mijn moet moeten moest mogen morgen na naar naast niet niets
nieuwe nog nu of om omdat onder ons ook op over per samen sinds te tegen terwijl tijdens toch toen
tot twee uit van vandaag vanuit veel volgens voor vooral waar waarbij waarin wanneer want waren was
wat weer wel werd werden wie wij wil willen worden wordt zal ze zegt zei zeer zelf zich zij zijn zo
zonder zou zouden zullen maandag dinsdag woensdag donderdag vrijdag zaterdag zondag meldt
""",
    "sv": """
alla allt andra att av bara bland blev bli blir bort båda de dem den denna deras dess det detta dig
din dock då där därför efter eller en enligt er ett fick finns flera flesta fram från för före får
ge genom gör ha hade han hans har hela henne hennes hon honom hos hur här i icke idag igen in inför
ingen innan inom inte jag ju kan kom kommer kunde kvar lite man med medan mellan men mer mest mot
mycket många måste ned ner ni nu ny nya när något några och också om oss på redan samt sedan sig
sin sina sitt ska skall skulle som säger sade står så sådan tar till tills två under upp ur ut utan
vad var vara varit varje vem vi via vid vilken vilket vill är än ännu år åren åt över måndag tisdag
onsdag torsdag fredag lördag söndag uppger
""",
    "da": """
af alle alt anden andet andre at blandt blev blevet blive bliver da de dem den denne der deres det
dette dig din disse dog du efter eller en end er et fem flere for fordi fra får før første gennem
gør ham han hans har havde have hele hendes her hos hun hvad hvem hver hvilken hvis hvor hvordan
hvornår i ifølge igen ikke ind ingen jeg jo kan kom kommer kun kunne langt lige man mange med
mellem men mens mere mest mod må måske ned nogen noget nogle nu ny nye når og også om omkring op os
over på samt selv sidste siger sagde sig sin sine sit skal skulle som så tager til to tre ud uden
under ved vi vil ville være været år året mandag tirsdag onsdag torsdag fredag lørdag søndag
oplyser
""",
    "no": """
alle alt andre at av bare ble blant bli blir blitt både da de dem den denne der deres det dette
disse dog du eller en enn er et etter flere for fordi fra får før første gjennom gjør ha hadde han
hans har hele hennes her hos hun hva hvem hver hvilke hvis hvor hvordan i ifølge igjen ikke ingen
inn ja jeg kan kom kommer kun kunne litt man mange med meg mellom men mens mer mest mot mye må ned
noe noen nå ny nye når og også om opp oss over på samme samt seg selv sier sa siden sin sine sitt
skal skulle som så til to under ut uten ved vi vil ville være vært år året mandag tirsdag onsdag
torsdag fredag lørdag søndag opplyser ein eit ikkje frå dei ho seier vere
""",
    "fi": """
aikana aina ainakin ei eivät eli ennen entä eri esimerkiksi että hän hänen he heidän ja jälkeen jo
joka jonka jos jossa joten jotka jota kaikki kanssa kautta kertoi kertoo kesken koko kolme koska
kuin kuitenkin kuten kun kyllä lisäksi lähes me mikä missä mitä mukaan mutta myös muun muut
myöhemmin ne niiden niin noin nyt ole olemme olevan oli olisi olivat olla ollut on oma ovat paljon
pitää saa se sekä sen siitä siihen sillä sitä sitten sanoi sanoo sanoa tai tällä tämä tämän tänään
tähän tätä tehdä toinen tulee vain vaan vastaan vielä viime voi voisi vuoden vuonna yksi yli
maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina
""",
    "pl": """
a aby ale ani aż bardziej bardzo bez bo by być był była było były będą będzie choć ci co coś czy
czyli dla do dwa dwóch dzisiaj dziś gdy gdyby gdzie go i ich im inne innych ja jak jako jakie je
jednak jednym jego jej jest jeszcze jeśli już ją kiedy kilka które której którego którym których
którzy która który którą ku lat lub ma mają m.in między mimo może można mogą na nad nam nas nawet
nie niego nich nim niż no nowy nowe o obok od około on ona one oni oraz pan po pod podczas
poinformował powiedział ponad ponieważ poza pro przed przede przez przy rok roku r są się sobie
sposób swoich swoje swój ta tak także tam te tego tej ten też to toteż tu tych tylko tym tys u w we
według więc wielu wobec wszystkich wszystkie wraz z za zaś ze został została zostały że żeby
poniedziałek wtorek środa środę czwartek piątek sobota sobotę niedziela niedzielę podał dodał
""",
    "cs": """
a aby aj ale ani asi až bez bude budou by byl byla byli bylo byly být co což či dál další dnes do
dva ho i jak jako je jeho jej její jejich jen jenž ještě ji jsem jsme jsou k kde kdy kdo když která
které který kterou kteří kterých ke letech let loni má mají mezi mezitím mi mít mohou může možná my
na nad nebo nejen není než nic o od on ona oni pak po pod podle pokud pouze právě pro proti proto
protože před přes při přitom řekl řekla roce rok roku s se si své svůj svou ta tak také tam tedy
ten tento této těch to toho tom tomu tu tuto tím tři u už v včera ve však více všech všechny z za
zatím ze zda že žádné pondělí úterý středa středu čtvrtek pátek sobota sobotu neděle neděli uvedl
uvedla oznámil
""",
    "ro": """
a acest această aceste acestea aceasta acestui ai al ale am anul ani ar are asupra astfel atunci au
azi ca că care către ce cel cele cei cu cum când dacă dar de decât deja despre din dintre doar două
după ea ei el ele era este eu face fi fie fiind fost ieri iar în înainte încă între își îl îi i la
le lor lui mai mult multe nici noi nostru nu numai o ori pe pentru peste prin poate pot potrivit
precum primul să se sa sale sau său si și spre spus stat sub sunt te toate tot toți trei un una
unde unei unor unui va vor declarat anunțat luni marți miercuri joi vineri sâmbătă duminică
""",
    "hu": """
a az abban ahol ahogy aki akik akkor alatt amely amelyek amelyet ami amikor amit ahhoz arra arról
azért azok azon azt azzal azonban be belül csak de e ebben egy egyik egyes el elé ellen előtt
először én ennek erre ez ezek ezen ezért ezt fel felé fog ha hanem három hogy hogyan hozzá i így
ide ill illetve is ismét itt jobban kell két ki kívül közben közölte között közül le legyen lehet
lesz lett ma maga már más meg mellett mert mi miatt mint minden mindig mondta most nagy nagyon még
ne nem nincs ő ők olyan össze őket át pedig rá s saját sem se sok szerint számára számolt tavaly te
tehát teljes több tovább új után utána úgy vagy van vannak volt voltak vissza évben év hétfőn
kedden szerdán csütörtökön pénteken szombaton vasárnap
""",
    "ru": """
а без более больше был была были было быть в вам вас вместе во вот все всего всех вы где говорится
да даже два для до другие других его ее её ей если есть еще ещё же за заявил заявила здесь и из или
им их к как какие какой когда которая которого которой которые который которых кто ли лишь между
меня мне может можно мы на над надо нам нас не него нее ней нет ни них но ну о об один однако около
он она они оно от отметил очень по под позже пока после потом почти при про против перед раз ранее
с сам сообщил сообщила сообщили сообщает свои своих свой себе себя сейчас со сказал слов словам
стал стало та так также такие такой там те тем теперь то того тоже только том тому тот три ту ты у
уже хотя через чего чем что чтобы эта эти этих это этого этой этом этот эту я года год году лет
понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье
""",
    "uk": """
а або адже але б без би був була були було бути в вам вас вже ви від він вона вони воно все всі
всіх всього да дає два де для до доки ж же за заявив заявила з зі із зокрема й його йому її їх
їй і інші інших їхній к каже коли кого котрі кількох лише між мене мені може можна ми на над нам
нас наші не немає ний ні них ніж но о об один однак ось пам перед під після по поки понад про проте
проти при раніше разом року рік рр років с сам своє своєї свої своїх свій себе серед словами стало
сьогодні та так такі також там те тепер ті тих тільки то того тоді той тому три ту у уже усі усіх
хоча хто ці цих це цього цьому цей цю ця через чи що щоб щодо ще як яка яке який які яких якого
якій яку я повідомив повідомила повідомляє понеділок вівторок середа середу четвер пʼятниця
п'ятницю субота суботу неділя неділю
""",
    "tr": """
acaba ama ancak arasında artık aynı bana bazı belirtti beri bile bin bir biri birçok biz bu buna
bunu bunun burada böyle büyük da daha de değil dedi diğer diye dolayı dün en etmek etti fakat gibi
gün göre hakkında hangi hem hep her hiç için ifade içinde iki ile ilk ise işte kadar karşı kendi ki
kim mi mu mü nasıl ne neden nedeniyle o olan olarak oldu olduğu olduğunu olmak olması olur on ona
önce onu onun oysa öyle sadece şey siz şöyle son sonra söyledi şu tarafından tüm üç üzere üzerinde
üzerine var ve veya ya yani yapılan yer yeni yıl yılında yine yok zaman pazartesi salı çarşamba
perşembe cuma cumartesi pazar açıkladı
""",
}

_SAME = {"nb": "no", "nn": "no"}
_BY_LANGUAGE = {"en": EMPTY_WORDS} | {
    language: frozenset(listed.split()) for language, listed in _LISTED.items()
}
_NONE: frozenset[str] = frozenset()


def empty_words(language: str) -> frozenset[str]:
    """The words of a language (a code such as "de" or "de-AT") that say nothing about an event.

    Text of unknown language counts as English; a language without a list has none.
    """
    code = language[:2].lower() or "en"
    return _BY_LANGUAGE.get(_SAME.get(code, code), _NONE)
