"""Places and things of defence news in many languages: each line what is meant, then its forms.

The list cannot be complete: a form that is missing does no harm, and one that is found is evidence
only together with others, or against an event elsewhere.

A form in an alphabet is the beginning of a word, to which an ending may be added; with a full stop
it is the whole word. A place must have a capital where the script has capitals. In Arabic script
the article and small words may stand before it. "_" is a space. Forms in Chinese, Japanese and
Korean may stand anywhere. Of forms that begin at one letter the longest counts; those behind "-"
mean nothing: they are words of some language that begin like a place or thing.
"""

PLACES = """
afghanistan: afghan afgan афган afganistán أفغان افغان 阿富汗 アフガニスタン 아프가니스탄
albania: alban албан ألبان البانيا 阿尔巴尼亚 アルバニア 알바니아
algeria: alger argelia алжир الجزائر جزائر 阿尔及利亚 アルジェリア 알제리
angola: angola angolais angolan angoleñ ангол أنغول انغول 安哥拉 アンゴラ 앙골라
argentina: argentin arjantin argentyn аргентин الأرجنتين أرجنتين 阿根廷 アルゼンチン 아르헨티나
armenia: armeni arménie ermeni вірмен армен армян أرمين 亚美尼亚 アルメニア 아르메니아
australia: austral avustralya австрал أستراليا استراليا أسترالي 澳大利亚 澳洲 オーストラリア 豪州
australia: 호주 úc.
austria: österreich autriche austria avusturya rakous itävalta австри النمسا نمساو 奥地利
austria: オーストリア 오스트리아 áo.
azerbaijan: aserbaid azerbaï azerbay azerba азербайдж أذربيجان اذربيجان 阿塞拜疆 アゼルバイジャン
azerbaijan: 아제르바이잔
bahrain: bahrain bahreïn bahréin бахрейн البحرين بحريني 巴林 バーレーン 바레인
bangladesh: banglades bangladés бангладеш بنغلاديش بنجلاديش 孟加拉国 バングラデシュ 방글라데시
belarus: belarus weißruss biélorus bielorr bieloru białoru bělorus vitryssland hviterusland
belarus: valko-venäj белорус білорус беларус بيلاروس 白俄罗斯 ベラルーシ 벨라루스
belgium: belgi belgique bélgica bélgique belçika бельг بلجيك 比利时
belgium: ベルギー 벨기에 bỉ.
benin: benin béninois bénin. benín beninés бенин бенін بنين. 贝宁 ベナン 베냉
bolivia: bolivi bolívi boliwi болив болів بوليفي 玻利维亚 ボリビア 볼리비아
bosnia: bosni bosnien bosna босн البوسنة 波黑 波斯尼亚 ボスニア 보스니아
botswana: botswan botsuan ботсван بوتسوان 博茨瓦纳 ボツワナ 보츠와나
brazil: brasil brazyl brésil brazíl brezilya бразил برازيل 巴西 ブラジル 브라질
brunei: brunei brunéi бруней بروناي 文莱 ブルネイ 브루나이
bulgaria: bulgari bulgár bułgar bulhar болгар българ بلغار 保加利亚 ブルガリア 불가리아
burkina faso: burkin буркина بوركينا 布基纳法索 ブルキナファソ 부르키나파소
burundi: burundi бурунди бурунді بوروندي 布隆迪 ブルンジ 부룬디
cambodia: kambods cambodge camboya kambodż kamboçya камбодж كمبودي 柬埔寨 カンボジア 캄보디아
cambodia: campuchia
cameroon: kamerun cameroun camerún camarões camerun камерун الكاميرون 喀麦隆 カメルーン 카메룬
canada: canad kanad канад كندا كندي 加拿大 カナダ 캐나다
central african republic: zentralafrik centrafri république_centrafricaine centroafric centroafri
central african republic: república_centroafricana orta_afrika_cumhuriyeti центральноафрик bangui
central african republic: أفريقيا_الوسطى افريقيا_الوسطى 中非共和国 中央アフリカ共和国
central african republic: 중앙아프리카공화국
chad: tschad tchad chad. chadian tchadien czadu czad. çad. чад. чада. чаде. чаді. чадск تشاد
chad: 乍得 チャド 차드. n’djamena ndjamena yamena нджамен
chile: chile chili. чили تشيلي 智利 チリ. 칠레
china: china chine chinoi chiny chiń chińs cina cinese cinesi kina kines čín kiina kiinal çin. çin’
china: китай
china: китаю китая الصين صيني بكين 中国 中國 北京 中方 중국 베이징 trung_quốc bắc_kinh peking pékin
china: pekín pekin pechino pequim пекин пекін
colombia: colombi kolumbi колумб كولومبي 哥伦比亚 コロンビア 콜롬비아
congo: kongo kongol congol congo. kinshasa kinszas конго. конголез киншас кіншас الكونغو كينشاسا
congo: 刚果 金沙萨 コンゴ. キンシャサ 콩고 킨샤사
costa rica: costa_ric costarric costaric коста-рик كوستاريكا 哥斯达黎加 コスタリカ 코스타리카
croatia: kroati croati croacia croazi chorwa chorvat hırvat хорват كروات 克罗地亚 クロアチア
croatia: 크로아티아
cuba: kuba. cuba куба кубы кубин كوبا. 古巴 キューバ 쿠바
cyprus: zypern chypre chipre cipro cypr kypro кипр кіпр قبرص 塞浦路斯 キプロス 키프로스 síp.
czechia: tschech tchèq tchéq checa cechi czesi. czesk czech česk česko tjeck tjekki tjekkere tsjekk
czechia: tsekki tšekki çek. чехи чеш
czechia: التشيك تشيكي 捷克 チェコ 체코 séc.
denmark: dänemark dänisch danemark danois dinamarca danimar dania danii. duńs dánsk dansk danmark
denmark: tansk данія датс датск дания дании. данії данію данськ الدنمارك دنمارك دانمرك 丹麦
denmark: デンマーク 덴마크
denmark: đan_mạch copenhag kopenhag köpenhamn københavn kööpenham копенгаг كوبنهاغن كوبنهاجن
denmark: 哥本哈根 コペンハーゲン 코펜하겐
djibouti: dschibuti djibouti yibuti dżibuti gibuti cibuti джибути джібуті جيبوتي 吉布提 ジブチ
djibouti: 지부티
dominican republic: dominikan république_dominicaine república_dominicana доминикан домінікан
dominican republic: جمهورية_الدومينيكان 多米尼加 ドミニカ共和国 도미니카
ecuador: ecuador équateur ecuatorian equador ekwador эквадор еквадор الإكوادور 厄瓜多尔 エクアドル
ecuador: 에콰도르
egypt: ägypt égypt egipt egipc egitto egypt mısır египет египт єгип مصر مصري القاهرة 埃及 开罗
egypt: エジプト カイロ 이집트 카이로 ai_cập kairo le_caire el_cairo каир каїр
el salvador: el_salvador salvadoreñ salvadorian salvadorien сальвадор السلفادور 萨尔瓦多
el salvador: エルサルバドル
el salvador: 엘살바도르
equatorial guinea: äquatorialguinea guinée_équatoriale guinea_ecuatorial guiné_equatorial
equatorial guinea: экваториальн екваторіальн غينيا_الاستوائية 赤道几内亚 赤道ギニア 적도기니
eritrea: eritre érythrée erythrée erytre эритре еритре إريتريا اريتريا 厄立特里亚 エリトリア
eritrea: 에리트레아
estonia: estland estnisch estoni eston viro. viron estlän эстон естон إستوني استوني 爱沙尼亚
estonia: エストニア 에스토니아
ethiopia: äthiop éthiop etiop эфиоп ефіоп إثيوبي اثيوبي 埃塞俄比亚 エチオピア 에티오피아
finland: finn finland finlande finlandia fińs finsk suomi suome suomal финлянд финск фінлянд фінськ
finland: فنلند 芬兰 フィンランド 핀란드 phần_lan helsink хельсинк гельсінк هلسنكي 赫尔辛基
finland: ヘルシンキ 헬싱키
france: frankreich französ franzos franc frankrike frankrig fransız fransa fransk ransk francj
france: rans. франц فرنس باريس 法国 法國 巴黎 フランス パリ 프랑스 파리. pháp.
gabon: gabun gabon gabonais gabón gabonés габон الغابون 加蓬 ガボン. 가봉
gambia: gambia gambie gambisch гамбия гамбии гамбію гамбії غامبيا 冈比亚 ガンビア 감비아
georgia: georgien géorgi gruzj gruzí gürcistan грузи грузин جورجيا 格鲁吉亚 ジョージア 조지아
germany: deutsch german allemagne allemand aleman alemã alemán niemc niemie niemiec německ tysk
germany: saksa saksan almanya герман німеч немец німец ألمان المانيا برلين 德国 德國 柏林 ドイツ
germany: ベルリン 독일 베를린 đức. берлін берлин
ghana: ghana ghanéen ghanais ghanes ghanéen гана. гане. гани. ганы. ганск غانا 加纳 ガーナ 가나.
greece: griechen grec grèce griego griega greci grecj řeck greklan grekisk gresk græk kreik yunan
greece: греци
greece: греч اليونان يوناني 希腊 ギリシャ 그리스 hy_lạp
greenland: grönland groenland groenlandi grenlandi grónsk grønland grönlann гренланд غرينلاند
greenland: جرينلاند 格陵兰 グリーンランド 그린란드
guatemala: guatemal guatémal gwatemal гватемал غواتيمالا 危地马拉 グアテマラ 과테말라
guinea: guinée. guinéen guiné. guinean guine. gwinei. gwinea. gvineya гвинея. гвинее. гвинеи.
guinea: гвінея.
guinea: гвінеї. غينيا 几内亚 ギニア. 기니.
guinea bissau: guinée-bissau guiné-bissau guinea-bissau guinea-bisáu gwinei_bissau guineens
guinea bissau: bissau-guin
guinea bissau: гвинея-бисау гвинее-бисау гвинеи-бисау гвінея-бісау гвінеї-бісау غينيا_بيساو
guinea bissau: 几内亚比绍 ギニアビサウ 기니비사우
guyana: guyana guyanés guiana. guianês гайан гаяна. гаяни. غيانا 圭亚那 ガイアナ 가이아나
haiti: haiti haitian haïti haití haitiano гаити гаитян гаїті هايتي 海地 ハイチ 아이티.
honduras: hondur гондурас هندوراس 洪都拉斯 ホンジュラス 온두라스
hungary: ungar hongr hungr ungheri węgier węgr maďar unker macaristan magyar угорщ угор венгр венгер
hungary: المجر مجري هنغار 匈牙利 ハンガリー 헝가리 budapest будапешт بودابست 布达佩斯 ブダペスト
hungary: 부다페스트
iceland: island. islande islandi islanti исланд ісланд آيسلند أيسلند 冰岛 アイスランド 아이슬란드
india: indien. indie. indii indyjs indisch india inde. indien índia hindistan indick intia intian
india: индии индий индия індія індії индийс الهند هندي 印度 インド 인도. ấn_độ neu-delhi delhi
india: нью-дели نيودلهي 新德里 ニューデリー 뉴델리
indonesia: indones indoné indonez endonez индонез індонез إندونيس اندونيس 印度尼西亚 印尼
indonesia: インドネシア 인도네시아 jakarta джакарт جاكرتا 雅加达 ジャカルタ 자카르타
iran: iran iráni irán irañ irã iraní iranis іран иран إيران ايران طهران 伊朗 德黑兰 イラン テヘラン
iran: 이란 테헤란 teheran téhéran teherán тегеран
iraq: irak iraq iraqu іраки ирак ірак العراق عراق بغداد 伊拉克 巴格达 イラク バグダッド 이라크
iraq: 바그다드 bagdad багдад
ireland: irland irlande irlanda irská ирланд ірланд أيرلند ايرلند 爱尔兰 アイルランド 아일랜드
israel: israel israël israél izrael izraél israil ізраїл израил إسرائيل اسرائيل 以色列 イスラエル
israel: 이스라엘 jerusalem jérusal jerozol иерусалим єрусалим القدس 耶路撒冷 エルサレム 예루살렘
italy: itali włoch włosk itál italy. włosi. italia итал італ إيطالي ايطالي روما. 意大利 義大利 罗马.
italy: イタリア 이탈리아 ý.
ivory coast: elfenbeinküste côte_d’ivoire ivoirien costa_de_marfil marfileñ costa_do_marfim
ivory coast: costa_d’avorio wybrzeże_kości_słoniowej fildişi кот-д’ивуар кот-д’івуар ساحل_العاج
ivory coast: كوت_ديفوار 科特迪瓦 コートジボワール 코트디부아르
japan: japan japon giappon japã japón japońs japonsk japani япон japonya اليابان يابان طوكيو 日本
japan: 东京 東京 일본 도쿄 nhật_bản nhật. tokio tókio токио токіо tokyo
jordan: jordanien jordani jordâni jordán ürdün иордан йордани йордані йорданс الأردن أردني 约旦
jordan: ヨルダン 요르단
kazakhstan: kasachs kazakh kazajs kazachs kazak казах كازاخ 哈萨克斯坦 カザフスタン 카자흐스탄
kenya: kenia. kenya kenian keniata kenii. keńs кения. кении. кению. кенийс кенія. кенії. كينيا كيني.
kenya: 肯尼亚 ケニア 케냐 nairobi найроби найробі
kosovo: kosov косов كوسوفو 科索沃 コソボ 코소보
kuwait: kuwait koweït kuweit kuvait kuveyt кувейт الكويت كويتي 科威特 クウェート 쿠웨이트
kyrgyzstan: kirgis kirghiz kirguis quirguiz kirgiz kırgız kyrgy киргиз кыргыз киргизст قرغيزستان
kyrgyzstan: 吉尔吉斯 キルギス 키르기스
laos: laotisch laotien laosian лаос لاوس 老挝 ラオス 라오스
latvia: lettland lettisch lettoni letoni łotw łotew lotyš latvij letón letonya lettisk латв латыш
latvia: لاتفي 拉脱维亚 ラトビア 라트비아
lebanon: libanon liban líbano libane libań lübnan ливан ліван لبنان بيروت 黎巴嫩 贝鲁特 レバノン
lebanon: ベイルート 레바논 베이루트 li-băng beirut beyrouth bejrut бейрут
liberia: liberia liberian libéria libérien либери лібері ليبيريا 利比里亚 リベリア 라이베리아
libya: libyen libye libia. líbia libij libyjsk libya ливи лівій ليبي 利比亚 リビア 리비아
libya: طرابلس 的黎波里 トリポリ 트리폴리
lithuania: litauen litauisch lituani litwa litwy litwie litews litev litvan litaui liettua литв
lithuania: литов lituâni ليتواني 立陶宛 リトアニア 리투아니아
luxembourg: luxemb luksembur lüksemburg люксембург لوكسمبورغ 卢森堡 ルクセンブルク 룩셈부르크
madagascar: madagas madagaskar malgache malgasz мадагаскар مدغشقر 马达加斯加 マダガスカル
madagascar: 마다가스카르
malawi: malawi малави малаві مالاوي ملاوي 马拉维 マラウイ 말라위
malaysia: malays malais malasi malezj malajs malezya малайз ماليزي 马来西亚 マレーシア 말레이시아
maldives: malediv maldiv maldivas malediw мальдив المالديف مالديف 马尔代夫 モルディブ 몰디브
mali: mali. malis. malien maliens maliense malij малий. малі. мали. малийс малійс في_مالي. 马里军
mali: 马里政府 马里总统 马里首都 马里北部 马里中部 在马里 マリ.
mali: 말리. bamako бамако باماكو 巴马科 バマコ
malta: malta maltes maltais малта. мальт مالطا 马耳他 マルタ. 몰타
mauritania: mauretan mauritani mauretani мавритан موريتاني 毛里塔尼亚 モーリタニア 모리타니
mauritius: mauritius маврикий маврикі موريشيوس 毛里求斯 モーリシャス 모리셔스
mexico: mexik mexiq mexic méxic messico meksyk meksik мексик المكسيك مكسيك 墨西哥 メキシコ 멕시코
moldova: moldau moldov moldavi mołdaw молдов молдав مولدوف 摩尔多瓦 モルドバ 몰도바
mongolia: mongol монгол منغولي 蒙古 モンゴル 몽골
montenegro: montenegr monténégr czarnogór черногор чорногор الجبل_الأسود 黑山共和国 モンテネグロ
montenegro: 몬테네그로
morocco: marokk maroc marruec marroc marok fas’ faslı марокк المغرب مغربي 摩洛哥 モロッコ 모로코
mozambique: mosambi mozambi moçambi mozambik мозамбик мозамбік موزمبيق 莫桑比克 モザンビーク
mozambique: 모잠비크
myanmar: myanmar birma birman мьянм м’янм ميانمار 缅甸 ミャンマー 미얀마
namibia: namibi намиби намібі ناميبيا 纳米比亚 ナミビア 나미비아
nepal: nepal népal непал نيبال 尼泊尔 ネパール 네팔
netherlands: niederland niederländ pays-bas países_bajos países_baixos paesi_bassi holand holenders
netherlands: nizozem nederland nederlän alankoma hollan hollanda нидерланд нідерланд هولند 荷兰
netherlands: オランダ 네덜란드 hà_lan den_haag la_haye hadze لاهاي 海牙 ハーグ 헤이그
new zealand: neuseeland nouvelle-zélande nueva_zelanda nova_zelândia nuova_zelanda nowa_zelandi
new zealand: nowej_zelandii nový_zéland nya_zeeland uusi-seelan yeni_zelanda новая_зеландия
new zealand: новой_зеландии нова_зеландія нової_зеландії نيوزيلند نيوزيلاند 新西兰 纽西兰
new zealand: ニュージーランド 뉴질랜드
nicaragua: nicaragu nikaragu никарагуа нікарагуа نيكاراغوا 尼加拉瓜 ニカラグア 니카라과
niger: niger. nigers. nigérien nigerin nígeri nijer. нигер. нигере. нигера. нигерск нігер. نيجر
niger: النيجر
niger: 尼日尔 ニジェール 니제르 niamey ниамей نيامي
nigeria: nigeria nigéria nigerii nigery nijerya нигерия нигерии нігерія нігерії نيجيري 尼日利亚
nigeria: ナイジェリア 나이지리아
north korea: nordkorea nordkoreanisch corée_du_nord nord-corée corea_del_norte norcorea
north korea: coreia_do_norte corea_del_nord nordcore korea_północn korei_północn severní_kore
north korea: severokor pohjois-korea kuzey_kore кндр северная_корея северной_корее северной_кореи
north korea: северокоре північна_корея північної_кореї північнокоре كوريا_الشمالية الكوري_الشمالي
north korea: الكورية_الشمالية بيونغ_يانغ بيونغيانغ 朝鲜 朝鮮 北韓 平壤 北朝鮮 平壌 북한 평양
north korea: triều_tiên bình_nhưỡng pjöngjang pyongyang pjongjang пхеньян
north macedonia: nordmazedon mazedon macédoine macedonia_del_norte macedônia macedońs makedonya
north macedonia: македон مقدونيا 北马其顿 北マケドニア 북마케도니아
norway: norweg norvèg norvég norueg norge. norges norsk norja norjal norveç norweż norsko норвег
norway: норве النرويج نرويج 挪威 ノルウェー 노르웨이 na_uy oslo осло أوسلو 奥斯陆 オスロ 오슬로
oman: omã omán оман عُمان 阿曼 オマーン 오만.
pakistan: pakist paquist пакист باكستان 巴基斯坦 パキスタン 파키스탄 islamabad ісламабад исламабад
pakistan: إسلام_آباد 伊斯兰堡
panama: panama panamá panameñ панам بنما 巴拿马 パナマ 파나마
papua new guinea: papua-neuguinea papouasie papúa papua-nov papuásia папуа بابوا 巴布亚新几内亚
papua new guinea: パプアニューギニア 파푸아뉴기니
paraguay: paragua парагва باراغواي 巴拉圭 パラグアイ 파라과이
peru: pérou perú peru. перу. بيرو 秘鲁 ペルー. 페루
philippines: philippin filipin filippin філіппін филиппин الفلبين فلبين 菲律宾 フィリピン 필리핀
philippines: manila manille манил маніл مانيلا 马尼拉 マニラ 마닐라
poland: polen. polens polnisch polska polsk polsc pologne polonai poloni polac polka polaków puola
poland: puolan polonya польш польс польщ польск поляк بولند وارسو 波兰 波蘭 华沙 ポーランド
poland: ワルシャワ 폴란드 바르샤바 ba_lan warschau varsovi varsavi varsóvia warszaw varšav varsova
poland: варшав
portugal: portug португал البرتغال برتغال 葡萄牙 ポルトガル 포르투갈 bồ_đào_nha
qatar: katar qatar catar катар قطر. قطري الدوحة 卡塔尔 多哈 カタール 카타르
romania: rumän rumuni rumuńs roumani roumain ruman rumania romeni romên romêni români rumun rumænsk
romania: rumensk romanya румын румун румъ رومانيا روماني بوخارست 罗马尼亚 羅馬尼亞 布加勒斯特
romania: ルーマニア ブカレスト 루마니아 부쿠레슈티 bukarest bucarest bukareszt бухарест
russia: russland russisch russe russo. russi. russa. rusia rusos ruso. rusa. rusas rosja rosji
russia: rosję rosyjs rosjan rusk rusov rússi ruští ruské rusya rysslan rysk venäj venäl росси росій
russia: русск рос. moskau moscou moscú mosca moskw moskv moskov москв روسي موسكو 俄罗斯 俄羅斯 俄军
russia: 莫斯科 俄方 ロシア モスクワ 러시아 모스크바 nga. mát-xcơ-va moskva
rwanda: ruand rwand руанд رواند 卢旺达 ルワンダ 르완다 kigali кигали
saudi arabia: saudi saoudi saudí saúdsk saúdit szaúd arabia_saudita arabie_saoudite suudi саудов
saudi arabia: саудів السعودية
saudi arabia: سعودي الرياض 沙特 利雅得 サウジアラビア サウジ 사우디 riad. эр-рияд
senegal: senegal sénégal сенегал السنغال سنغالي 塞内加尔 セネガル 세네갈
serbia: serbi serbisch serbe srb srbsk серби سرب 塞尔维亚 セルビア 세르비아
sierra leone: sierra_leon serra_leoa сьерра-леон سيراليون 塞拉利昂 シエラレオネ 시에라리온
singapore: singap singapur сингапур сінгапур سنغافور 新加坡 シンガポール 싱가포르
slovakia: slowak slovaq eslova slovacc słowac slovensk slovak slovakya словак словач سلوفاك
slovakia: 斯洛伐克 スロバキア 슬로바키아
slovenia: slowen slovèn esloveni sloveni słoweni slovin sloveen словен словін سلوفيني 斯洛文尼亚
slovenia: スロベニア
slovenia: 슬로베니아
solomon islands: salomonen îles_salomon islas_salomón ilhas_salomão соломонов جزر_سليمان 所罗门群岛
solomon islands: ソロモン諸島 솔로몬
somalia: somali сомал صومال 索马里 ソマリア 소말리아
south africa: südafrika afrique_du_sud sudáfrica sudafric áfrica_do_sul południowej_afry rpa. юар.
south africa: юар جنوب_أفريقيا جنوب_افريقيا 南非 南アフリカ 남아프리카
south korea: südkorea südkoreanisch corée_du_sud sud-corée corea_del_sur surcorea coreia_do_sul
south korea: corea_del_sud sudcore korea_południow korei_południow jižní_kore jihokor etelä-korea
south korea: sydkorea sørkorea güney_kore южная_корея южной_корее южной_кореи южнокоре
south korea: південна_корея південної_кореї південнокоре كوريا_الجنوبية الكوري_الجنوبي
south korea: الكورية_الجنوبية سيول. سيئول 韩国 韓國 首尔 韓国 ソウル 한국 대한민국 서울 hàn_quốc
south korea: séoul seúl seul. сеул
south sudan: südsudan soudan_du_sud sud-soudan sudán_del_sur sudão_do_sul sud_sudan sudanu_południow
south sudan: güney_sudan южный_судан южном_судане южного_судана південний_судан جنوب_السودان 南苏丹
south sudan: 南スーダン
south sudan: 남수단
spain: spani spanisch espagn españ espanh spagn spagnol hiszpan španěl espanj ispany испан іспан
spain: إسباني اسباني مدريد 西班牙 马德里 スペイン 스페인 tây_ban_nha madryt мадрид
sri lanka: sri_lanka sri-lank srilank sri_lanki шри-ланк سريلانكا سري_لانكا 斯里兰卡 スリランカ
sri lanka: 스리랑카
sudan: sudan soudan sudán судан السودان سوداني الخرطوم 苏丹 スーダン 수단. khartum
sudan: sudanes soudanais
sweden: schwed suède suédoi sueci suec svezi svedes szwec szwedz švéd sverig svensk ruots isveç
sweden: швец швед السويد سويدي ستوكهولم 瑞典 斯德哥尔摩 スウェーデン ストックホルム 스웨덴 스톡홀름
sweden: thụy_điển sztokholm стокгольм
switzerland: schweiz suiss suiza svizzer suíça szwajcar švýcar sveits sveitsi isviçre швейцар سويسر
switzerland: 瑞士 スイス 스위스 thụy_sĩ
syria: syrien syri syrie siria síria syryjs syrsk suriye сири сирі سوري دمشق 叙利亚 大马士革 シリア
syria: ダマスカス 시리아 다마스쿠스 damask damas. damasco дамаск
taiwan: taiwan taïwan taiwán tajwan tchaj-wan тайван تايوان تايبيه 台湾 台灣 臺灣 台北 대만
taiwan: 타이베이 đài_loan
tajikistan: tadschik tadjik tayik tadżyk tacik tagik таджик طاجيك 塔吉克 タジキスタン 타지키스탄
tanzania: tansani tanzani танзани танзані تنزاني 坦桑尼亚 タンザニア 탄자니아
thailand: thail thaïl tailand tajlandi thajsk tayland таиланд таїланд تايلاند 泰国 タイ. 태국
thailand: thái_lan
timor leste: osttimor timor_oriental timor-leste timor_orientale тимор тімор تيمور_الشرقية 东帝汶
timor leste: 東ティモール 동티모르
togo: togo. togos togolais togoles الطوغو توغو 多哥 トーゴ 토고. lomé. ломе.
tunisia: tunesi tunisie túnez tunezj tunísi тунис туніс تونس 突尼斯 チュニジア 튀니지
turkey: türk türkisch turqu turc turquía turquia turchi turcj turec tyrki turkki turkin турц турец
turkey: туреч
turkey: تركي أنقرة 土耳其 安卡拉 トルコ 튀르키예 터키. thổ_nhĩ_kỳ ankar анкар
turkmenistan: turkmen turkmén türkmen туркмен تركمان 土库曼 トルクメニスタン
uganda: uganda ugand ouganda ougandais угандий уганд أوغندا اوغندا 乌干达 ウガンダ 우간다
ukraine: ukrain ucran ucraïn ucraine ucraina ukraj україн украин أوكران اوكران 乌克兰 烏克蘭 乌军
ukraine: 乌方 ウクライナ 우크라이나 ukrayn
united arab emirates: emirats_arabes emiratos_árabes emirati emiraty_arabsk оаэ. оае. الإمارات
united arab emirates: إماراتي أبوظبي أبو_ظبي 阿联酋 阿布扎比 アラブ首長国連邦 アブダビ 아랍에미리트
united arab emirates: 아부다비 các_tiểu_vương_quốc abou_dhabi
united kingdom: großbritann britisch britann britis royaume-uni reino_unido regno_unito britannic
united kingdom: britan brytan wielka_brytan wielkiej_brytan velká_británi britsk storbritann
united kingdom: iso-britan ingiltere birleşik_krallık великобритан британ بريطاني لندن 英国 英國
united kingdom: 伦敦 イギリス ロンドン 영국 런던 vương_quốc_anh nước_anh londres londra londyn
united kingdom: londýn lontoo лондон
united states: états-unis estados_unidos stati_uniti vereinigte_staaten vereinigten_staaten usa.
united states: amerikan amerikk american américain norteameric estadounid stany_zjedn stanów_zjedn
united states: stanach_zjedn amerykań spojené_stát spojených_stát yhdysval abd. abd’ сша. америк
united states: соединенны сполучен الولايات_المتحدة أميرك أمريك امريك واشنطن 美国 美國 美军 华盛顿
united states: 华府 アメリカ 米国 米軍 ワシントン 미국 워싱턴 hoa_kỳ mỹ. washington waszyngton
united states: вашингтон pentagon пентагон البنتاغون 五角大楼 国防総省
uruguay: urugua уругва أوروغواي 乌拉圭 ウルグアイ 우루과이
uzbekistan: usbek ouzbé uzbek uzbék özbek узбек أوزبك 乌兹别克斯坦 ウズベキスタン 우즈베키스탄
venezuela: venezuel vénézuél wenezuel венесуэл венесуел فنزويل 委内瑞拉 ベネズエラ 베네수엘라
venezuela: caracas каракас كراكاس 加拉加斯
vietnam: vietnam việt_nam wietnam vietnã вьетнам в’єтнам фиетнам فيتنام 越南 河内 ベトナム ハノイ
vietnam: 베트남 하노이 hà_nội hanoi
yemen: jemen yémen iémen yemení йемен ємен اليمن يمني صنعاء 也门 胡塞 イエメン フーシ 예멘 후티
yemen: الحوثي حوثي huthi houthi hutí хусит
zambia: sambia zambi замби замбі زامبيا 赞比亚 ザンビア 잠비아
zimbabwe: simbabw zimbabu зимбабв зімбабв زيمبابوي 津巴布韦 ジンバブエ 짐바브웨
palestine: palästin palestin palést палестин فلسطين 巴勒斯坦 パレスチナ 팔레스타인
gaza: gaza. gazas gasa. gasastreifen gazze газа. газе. газы. газі. сектор_газа غزة 加沙 ガザ
gaza: 가자지구
kyiv: kiew. kijów kijow kijev kiev. kiew kyjev kiov kiova києв київ киев киів كييف 基辅 基輔 キーウ
kyiv: キエフ 키이우 키예프
kharkiv: charkiw charków charkow charkov kharkiv járkov kharkov харк خاركيف خاركوف 哈尔科夫
kharkiv: 哈爾科夫 ハルキウ ハリコフ 하르키우 하리코프
odesa: odesa odessa odess odesie odesę odesy одес أوديسا اوديسا 敖德萨 敖德薩 オデーサ オデッサ
odesa: 오데사
lviv: lwiw lwów lwow lvov львів львов لفيف 利沃夫 リビウ 르비우
dnipro: dnipro dniepr дніпр днепр دنيبرو 第聂伯 ドニプロ 드니프로
zaporizhzhia: saporis zaporiz zaporij zaporoz zaporiż запоріж запорож زابوريجيا زاباروجيا 扎波罗热
zaporizhzhia: ザポリージャ 자포리자
kherson: cherson chersoń jersón херсон خيرسون 赫尔松 ヘルソン 헤르손
mykolaiv: mykolaj mykołaj nikolaje миколаї николаев ميكولايف 尼古拉耶夫 ミコライウ 미콜라이우
sumy: sumy. sumach суми. сумы. сумах سومي 苏梅 スムイ 수미.
donetsk: donezk donieck doněck donetsk донецьк донецк دونيتسك 顿涅茨克 ドネツク 도네츠크
crimea: krim. krym crimée crimea крим. крым крым. крыму криму القرم 克里米亚 クリミア 크림반도
sevastopol: sewastopol sébastop sebastop севастопол سيفاستوبول 塞瓦斯托波尔 セバストポリ 세바스토폴
kursk: kursk koursk курськ курск كورسك 库尔斯克 クルスク 쿠르스크
belgorod: belgorod biełgorod белгород бєлгород بيلغورود 别尔哥罗德 ベルゴロド 벨고로드
novorossiysk: noworossijsk noworosyjsk novorossiysk novorossijsk novorossisk novorosszij
novorossiysk: новороссийск новоросійськ نوفوروسيسك 新罗西斯克 ノボロシスク 노보로시스크
st petersburg: petersburg petersb pétersb san_petersb петербург سانت_بطرسبرغ 圣彼得堡
st petersburg: サンクトペテルブルク 상트페테르부르크
kaliningrad: kaliningr калининград калінінград كالينينغراد 加里宁格勒 カリーニングラード
kaliningrad: 칼리닌그라드
saratov: ساراتوف 萨拉托夫 サラトフ 사라토프
syzran: سيزران 塞兹兰 シズラニ 시즈란
samara: самара. самары. самаре. самару. самарой. самарск سامارا 萨马拉 サマラ. 사마라
ryazan: ريازان 梁赞 リャザン 랴잔
tuapse: توابسي 图阿普谢 トゥアプセ 투압세
engels: engels. энгельс. энгельса. энгельсе. энгельсу. إنجلز 恩格斯市 エンゲリス 엥겔스
bryansk: بريانسك 布良斯克 ブリャンスク 브랸스크
voronezh: فورونيج 沃罗涅日 ボロネジ 보로네시
rostov: روستوف 罗斯托夫 ロストフ 로스토프
krasnodar: كراسنودار 克拉斯诺达尔 クラスノダール 크라스노다르
volgograd: فولغوغراد 伏尔加格勒 ボルゴグラード 볼고그라드
taganrog: تاغانروغ 塔甘罗格 タガンログ 타간로크
sochi: سوتشي 索契 ソチ. 소치.
murmansk: مورمانسك 摩尔曼斯克 ムルマンスク 무르만스크
vladivostok: فلاديفوستوك 符拉迪沃斯托克 海参崴 ウラジオストク 블라디보스토크
poltava: بولتافا 波尔塔瓦 ポルタワ 폴타바
chernihiv: تشيرنيهيف 切尔尼戈夫 チェルニヒウ 체르니히우 чернигов
vinnytsia: فينيتسا 文尼察 ビンニツァ 빈니차 винниц
kryvyi rih: كريفي_ريه 克里沃罗格 クリビーリフ 크리비리흐 кривий_ріг кривому_розі кривой_рог
kryvyi rih: кривом_роге krzywy_róg krywyj_rih
pokrovsk: بوكروفسك 波克罗夫斯克 红军城 ポクロウシク 포크로우스크 pokrowsk
bakhmut: باخموت 巴赫穆特 バフムト 바흐무트 bachmut
kramatorsk: كراماتورسك 克拉马托尔斯克 クラマトルスク 크라마토르스크
mariupol: ماريوبول 马里乌波尔 マリウポリ 마리우폴
ternopil: ترنوبل 捷尔诺波尔 テルノピリ 테르노필 тернопол
chernivtsi: تشيرنيفتسي 切尔诺夫策 チェルニウツィ 체르니우치 черновц
izmail: إسماعيل_أوكرانيا 伊兹梅尔 イズマイル 이즈마일 измаил. измаила. измаиле. измаильск ізмаїл
latakia: latakia. lattaquié latákia латаки اللاذقية 拉塔基亚 ラタキア 라타키아
homs: حمص. 霍姆斯 ホムス 홈스
port sudan: بورتسودان 苏丹港 ポートスーダン 포트수단
el fasher: الفاشر 法希尔 エルファシル 엘파셰르
khan younis: خان_يونس 汗尤尼斯 ハンユニス 칸유니스
jenin: جنين. 杰宁 ジェニン 제닌
natanz: نطنز 纳坦兹 ナタンズ 나탄즈
fordow: فوردو 福尔多 フォルドゥ 포르도
bushehr: بوشهر 布什尔 ブシェール 부셰르
bandar abbas: بندر_عباس 阿巴斯港 バンダルアバス 반다르아바스
karachi: كراتشي 卡拉奇 カラチ 카라치
palawan: بالاوان 巴拉望 パラワン 팔라완
davao: دافاو 达沃 ダバオ 다바오
kinmen: كينمن 金门 金門 진먼
istanbul: istanbul estambul stambuł istanb стамбул إسطنبول اسطنبول 伊斯坦布尔 イスタンブール
istanbul: 이스탄불
aleppo: aleppo alep. alepo алеппо حلب. 阿勒颇 アレッポ 알레포
rafah: rafah rafaj рафах رفح 拉法 ラファ. 라파.
hodeidah: hodeida hudaida hodeïda ходейд الحديدة 荷台达 ホデイダ 호데이다
aden: aden. adén аден. عدن 亚丁 アデン 아덴
haifa: haifa haïfa хайф حيفا 海法 ハイファ 하이파
isfahan: isfahan ispahan isfahán исфахан أصفهان اصفهان 伊斯法罕 イスファハン 이스파한
okinawa: okinawa окинав أوكيناوا 冲绳 沖縄 오키나와
busan: busan pusan. бусан بوسان 釜山 부산
kaohsiung: kaohsiung гаосюн كاوهسيونغ 高雄 가오슝
constanta: constanța constanţa constanta. constanța. константа. констанца констанци констанцу
constanta: констанці 康斯坦察 コンスタンツァ
grozny: grosny. grosnyj. grozny. groznyi. groznij. грозный. грозном. грозного. 格罗兹尼 グロズヌイ
grozny: 그로즈니
kazan: kazan. kazán. kasan. kazań kazani. казань. казани. казанью. казанск قازان 喀山 カザン 카잔
gdansk: danzig gdańs gdansk gdaňsk гданьс غدانسك 格但斯克 グダニスク 그단스크
-: albany catarat catarin catarr checar croazier cyprien
-: finna. finnas. finnes. finns. finnmark francesc franchi francis
-: franciszk franck francs. friedrich_engels gazzet het_engels hungrig indiana. indianer iránt irány
-: katarak katarin katarín katarz
-: long_island magyaráz malaise. oslob oslon oslov rhode_island ruskea ruskig russel. russell
-: serbest
-: spaning staten_island turquesa. turquoi türkis.
-: гречк кубан литвин львова-б львовой-б львову-б миколаївн николаевич николаевн сириус сиріт
-: франциск чешм
wonsan: вонсан 元山 ウォンサン 원산
sinpo: 新浦 신포
"""
"""Countries and towns, by their names in `places`; peoples and capitals are their country's."""

THINGS = """
drone: drone drohn dron. drony dronów dronom dronen dronov dronu dronu. dron drón drono drönar
drone: پهپاد
drone: droon lennok lennokk insansız_hava sürüntüs iha. siha. беспилот безпілот дрон бпла
drone: uncrewed unmanned طائرات_مسيّر طائرات_مسير طائرة_مسير المسيّر مسيّر المسير 无人机 無人機
drone: ドローン 무인기 드론 máy_bay_không_người_lái uav.
missile: missil rakete raketen rakiet raketa raketov rakety misil missíl míssil füze robotvapen
missile: موشک
missile: ohjus ohjuk ракет صاروخ صواريخ باليستي 导弹 導彈 飞弹 飛彈 ミサイル 미사일 tên_lửa
ammunition: ammunition munition munici. munice. municiones munición muniç municij munizion munição
ammunition: amunic ammus ammatus mühimmat боеприпас
ammunition: боєприпас снаряд artillery_shells ذخيرة ذخائر الذخير 弹药 彈藥 炮弹 弾薬 砲弾 탄약 포탄
ammunition: đạn
air defence: air_defen air_and_missile_defen flugabwehr luftverteidigung luftvern luftförsvar
air defence: luftforsvar défense_aérienne défense_antiaérienne defensa_aérea antiaére difesa_aerea
air defence: defesa_aérea obrony_powietrznej obrona_powietrzna obrony_przeciwlot przeciwlotn
air defence: protivzdušn ilmapuolustu ilmatorjun hava_savunma пво. противовоздушн ппо.
air defence: протиповітрян الدفاع_الجوي دفاع_جوي للدفاع_الجوي 防空 防空系統 방공 phòng_không
training: training trained ausbildung entraînement adiestramiento addestrament treinament szkoleni
training: výcvik utbildning koulutu eğitim подготовк обучени навчанн تدريب 训练 訓練 培训 훈련
training: huấn_luyện
exercise: exercise drills manöver manœuvre manoeuvre maniobra esercitazion exercício ejercicios_mil
exercise: ćwicze cvičení övning øvelse harjoitu tatbikat учени навчання مناورات مناورة 演习 演習
exercise: 军演 연합훈련 tập_trận diễn_tập
satellite: satelli satelit satélit спутник супутник uydu قمر_صناعي أقمار_صناعية الأقمار_الصناعية
satellite: 卫星 衛星 위성
satellite: vệ_tinh
submarine: submarin u-boot unterseeboot sous-marin sottomarin okręt_podwodny okrętów_podwodn ponork
submarine: ubåt undervattens sukellusvene denizaltı подводн_лод подводной_лодк подводные_лодк
submarine: підводн غواص 潜艇 潛艇 潜水艦 잠수함 tàu_ngầm
warship: warship frigat destroyer fregat fregatt kriegsschiff zerstörer navire_de_guerre
warship: buque_de_guerra fragat okręt statki_woj sotalaiv savaş_gemisi фрегат эсминец эсминц корвет
warship: бойов_кораб سفينة_حربية سفن_حربية فرقاطة مدمرة 军舰 護衛艦 护卫舰 驱逐舰 艦艇 駆逐艦
warship: フリゲート 군함 호위함 구축함 tàu_chiến khinh_hạm
carrier: aircraft_carrier flugzeugträger porte-avions portaaviones portaerei porta-aviões lotniskow
carrier: letadlov hangarfartyg lentotukialu uçak_gemi авианос авіанос حاملة_طائرات حاملة_الطائرات
carrier: 航母 航空母舰 空母 항공모함 tàu_sân_bay
fighter: fighter_jet fighter_air fighters. kampfjet kampfflugzeug avion_de_chasse avions_de_chasse
fighter: jets. warplane جنگنده قاذفات
fighter: avion_de_combat avions_de_combat caza. cazas. aviones_de_combate caccia. caças. caça.
fighter: myśliw stíhač stridsflyg jaktflyg kampfly hävittäj savaş_uça истребител винищувач مقاتلة
fighter: مقاتلات 战斗机 戰鬥機 战机 戦闘機 전투기 tiêm_kích máy_bay_chiến_đấu
helicopter: helicop hubschraub hélicopt helikop elicotter śmigłow vrtuln helikopter вертол
helicopter: гелікоптер вертоліт مروحي هليكوبتر 直升机 直升機 ヘリ 헬기 trực_thăng
tank: battle_tank tanks. kampfpanzer panzer char_de_combat chars. tanque carro_armato czołg tankov
tank: stridsvagn panssar танк دبابة دبابات 坦克 战车 戦車 전차 xe_tăng
artillery: artill artyler dělostř tykistö topçu артил арттил مدفعي 火炮 炮兵 榴弹炮 砲兵 りゅう弾砲
artillery: 자주포 포병 pháo_binh lựu_pháo howitz haubitz obus. haubic гаубиц
nuclear: nuclear nuklear atomwaffe nucléaire kernwaff jądrow jadern kärnvapen ydinase ядерн نووي
nuclear: 核武器 核试验 核実験 核兵器 핵무기 핵실험 hạt_nhân
sale: sale. sales. foreign_military_sale possible_sale arms_sale approves_sale rüstungsgeschäft
sale: waffenverkauf verkauf vente_d’armes vente_potentielle venta_de vendita_di sprzedaż prodej
sale: försäljning satış продаж صفقة بيع 军售 出售 売却 판매 bán_cho thương_vụ bán.
contract: contract vertrag contrat contratto umow smlouv smluv kontrakt avtal sopimu sözleşme
contract: контракт عقد. 合同 契約 계약 hợp_đồng
attack: attack angriff attaque frapp ataque attacc atak napad útok angrepp angreb hyökk saldırı
attack: غارة غارات قصفت حمله 轰炸 爆撃 타격
attack: атак удар напад هجوم هجمات قصف ضربة ضربات 袭击 空袭 攻击 襲擊 攻撃 空爆 공격 공습 tấn_công
attack: struck strike strikes raid. raids.
crash: crash absturz abgestürz s’écras ecras schiant despenh katastrof störtat kraschat putosi
crash: düştü крушени розбив разбил авари تحطم سقوط 坠毁 坠机 墜落 추락 rơi.
sanction: sanction sankti sancion sanzion sankcj sankce pakotte yaptırım санкци عقوبات 制裁 제재
sanction: trừng_phạt
cable: cable. cables. kabel seekabel câble cavo_sott cavi_sott kabl kábel kaapel kablo кабел كابل
cable: كابلات 电缆 海缆 光缆 ケーブル 케이블 cáp_ngầm cáp_quang
mine: sea_mine naval_mine seemine mine_marin miny_mor минн ألغام 水雷 기뢰 thủy_lôi
port: port. ports. hafen puerto porto. portu_ přístav hamn. satama liman. порт. порту. ميناء 港口
port: 항구 cảng
refinery: refiner raffiner refinería raffineria rafineri нпз. нефтеперерабат нафтоперероб مصفاة
refinery: پالايشگاه 정유시설
refinery: مصافي 炼油厂 製油所 정유 nhà_máy_lọc_dầu
energy: power_grid power_plant stromnetz energieanlagen réseau_électrique red_eléctrica
energy: centrale_elettrica sieci_energ elektrárn энергетик енергетик энергообъект енергооб كهرباء
energy: 电网 电厂 電力 發電廠 전력 điện_lực lưới_điện
patriot: patriot petriot пэтриот патриот петріот باتريوت 爱国者 愛國者 パトリオット ペトリオット
patriot: 패트리어트
himars: himars хаймарс хімарс هيمارس 海马斯 ハイマース 하이마스
iron dome: iron_dome dôme_de_fer cúpula_de_hierro żelazna_kopuła железный_купол القبة_الحديدية 铁穹
iron dome: アイアンドーム 아이언돔
tomahawk: tomahawk томагавк توماهوك 战斧 トマホーク 토마호크
shahed: shahed schahed chahed szahed shahid шахед شاهد-136 沙希德 シャヘド 샤헤드
ballistic: ballist balistic baliství balíst balistyczn балист баліст باليستي 弹道 彈道 弾道 탄도
ballistic: đạn_đạo
hypersonic: hyperson hipers hiperdźw гиперзвук гіперзвук فرط_صوتي فرط_الصوت 高超音速 高超声速
hypersonic: 極超音速 극초음속 siêu_vượt_âm siêu_thanh
ceasefire: ceasefire cease-fire truce waffenstillstand waffenruhe cessez-le-feu alto_el_fuego
ceasefire: cessate_il_fuoco cessar-fogo zawieszeni příměř vapenvila aselepo ateşkes перемири
ceasefire: перемир’ هدنة وقف_إطلاق 停火 停戦 휴전 ngừng_bắn
hostage: hostage prisoner_swap geisel otage rehén ostaggi zakładni rukojm gisslan заложник заручник
hostage: رهائن 人质 人質 인질 con_tin
summit: summit gipfel sommet cumbre vertice. cúpula szczyt toppmöte huippukoko zirve. саммит саміт
summit: قمة 峰会 峰會 サミット 首脳会議 정상회의 hội_nghị_thượng_đỉnh
minister of defence: minister_of_defen defence_minister defense_minister defence_secretary
minister of defence: defense_secretary secretary_of_defen verteidigungsminister
minister of defence: ministre_de_la_défense ministre_des_armées ministro_de_defensa
minister of defence: ministro_della_difesa ministro_da_defesa minister_obrony ministra_obrony
minister of defence: ministrem_obrony ministr_obrany försvarsminister forsvarsminister
minister of defence: puolustusministeri savunma_bakan министр_обороны министра_обороны
minister of defence: министров_обороны міністр_оборони міністра_оборони міністрів_оборони
minister of defence: وزير_الدفاع وزير_دفاع وزراء_دفاع وزراء_الدفاع 国防部长 防长 國防部長 防衛相
minister of defence: 防衛大臣 国防相 국방장관 국방부_장관 bộ_trưởng_quốc_phòng
minister of defence: bộ_trưởng_bộ_quốc_phòng
foreign minister: foreign_minister außenminister ministre_des_affaires_étrangères
foreign minister: ministro_de_exteriores ministro_degli_esteri minister_spraw_zagr ministr_zahrani
foreign minister: utrikesminister utenriksminister ulkoministeri dışişleri_bakan министр_иностранн
foreign minister: міністр_закордон وزير_الخارجية وزير_خارجية وزراء_خارجية 外长 外交部长 外相
foreign minister: 외교장관 외무장관 ngoại_trưởng
red sea: red_sea rotes_meer roten_meer mer_rouge mar_rojo mar_rosso mar_vermelho morze_czerwone
red sea: morzu_czerwonym красное_море красном_море червоне_море червоному_морі kızıldeniz
red sea: البحر_الأحمر 红海 紅海 홍해 biển_đỏ
black sea: black_sea schwarzes_meer schwarzen_meer mer_noire mar_negro mar_nero morze_czarne
black sea: morzu_czarnym черное_море черном_море черноморск чорне_море чорному_морі чорноморськ
black sea: karadeniz البحر_الأسود 黑海 黒海 흑해 biển_đen
baltic: baltic_sea ostsee mer_baltique mar_báltico mar_baltico bałty östersjö itämer балтий балтій
baltic: baltık بحر_البلطيق 波罗的海 バルト海 발트해 biển_baltic
south china sea: south_china_sea südchinesisch mer_de_chine_méridionale mar_de_china_meridional
south china sea: mar_cinese_meridionale morzu_południowochińskim южно-китайск بحر_الصين_الجنوبي
south china sea: 南海 南シナ海 남중국해 biển_đông
taiwan strait: taiwan_strait taiwanstraße détroit_de_taïwan estrecho_de_taiwán тайваньск_пролив
taiwan strait: مضيق_تايوان 台湾海峡 台海 臺海 대만해협 eo_biển_đài_loan
hormuz: hormuz ormuz hormus ormuzd ормузск هرمز 霍尔木兹 ホルムズ 호르무즈
tanker: tanker. tankers. öltanker tankschiff pétrolier petrolero petroliera petroleiro tankow
tanker: tanker танкер ناقلة_نفط ناقلات_نفط ناقلة_النفط 油轮 油輪 タンカー 유조선 tàu_chở_dầu
tanker: säiliöal
coast guard: coast_guard coastguard küstenwache garde-côte guardacosta guardia_costera
coast guard: guardia_costiera straż_przybrzeżn kustbevak rajavartio sahil_güvenlik берегов_охран
coast guard: خفر_السواحل 海警 海保 海上保安 海巡 해경 hải_cảnh cảnh_sát_biển
collision: collision collid rammed rams. ramming rammte kollision kollid abordage. colisión chocó
collision: embist speron collisione staranow törmä çarpış столкнов протаран зіткнен تصادم اصطدم صدم
collision: 碰撞 相撞 衝突 충돌 đâm_va đâm.
anchor: anchor anker. ancre. ancla. àncora kotwic ankkur ankare çapa. якор مرساة 船锚 下锚 錨
anchor: いかり 닻 mỏ_neo
explosion: explosion explosiv blast. blasts. exploded. detonat detonier sprengsatz sprengung
explosion: explosi explod esplosion eksplozj wybuch výbuch räjähd patlama patladı
explosion: взрыв вибух انفجار انفجارات عبوة_ناسفة 爆炸 爆発 폭발 vụ_nổ
coup: coup. junta seized_power seize_power putsch militärputsch staatsstreich coup_d’état putschist
coup: golpe_de_estado golpe_militar tentativa_de_golpe intento_de_golpe golpist colpo_di_stato
coup: zamach_stanu převrat statskupp statskup vallankaappau darbe
coup: переворот путч хунт انقلاب 政变 政變 クーデター 쿠데타 đảo_chính
espionage: espionage spying spies. spy. spionage spioniert spion espionnage espion. espions.
espionage: espionaje espía spionagg spia. spie. espionagem szpieg špion spionas vakoil casus шпион
espionage: шпигун تجسس جاسوس جواسيس 间谍 間諜 スパイ 간첩 스파이 gián_điệp
hacking: cyber hacker hacked. ransomware ddos. informatikangriff pirates_informatiques ciberat
hacking: attacco_informatic attacchi_informatic attacco_hacker кибератак хакер кібератак قراصنة
hacking: سيبراني هجوم_إلكتروني 网络攻击 黑客 駭客 サイバー 해킹 해커 사이버 tin_tặc tấn_công_mạng
airspace: airspace luftraum espace_aérien espacio_aéreo spazio_aereo espaço_aéreo
airspace: przestrzeni_powietrzn przestrzeń_powietrzn vzdušný_prostor vzdušného_prostor
airspace: vzdušném_prostor luftrum luchtruim ilmatila hava_saha воздушн_пространств
airspace: воздушного_пространств воздушное_пространств повітрян_прост повітряного_простор
airspace: повітряний_прост المجال_الجوي 领空 領空 영공 không_phận
peacekeeper: peacekeep blue_helmet blauhelm casques_bleus casque_bleu cascos_azules casco_azul
peacekeeper: caschi_blu casco_blu capacetes_azuis błękitnych_hełm modrých_přileb rauhanturv
peacekeeper: fredsbevar vredesmacht barış_gücü миротвор يونيفيل قوات_حفظ_السلام حفظ_السلام 维和
peacekeeper: 平和維持 평화유지 gìn_giữ_hòa_bình unifil minusma minusca monusco
military spending: defence_spending defense_spending defence_budget defense_budget
military spending: military_spending military_budget verteidigungshaushalt verteidigungsausgaben
military spending: verteidigungsetat wehretat dépenses_militaires budget_de_la_défense
military spending: budget_de_défense gasto_militar gasto_en_defensa presupuesto_de_defensa
military spending: presupuesto_militar spese_militari spesa_militare gastos_militares
military spending: wydatki_na_obronn wydatków_na_obronn försvarsutgift försvarsbudget
military spending: forsvarsbudsjett defensie-uitgaven defensiebegroting puolustusmeno savunma_bütçe
military spending: savunma_harcama военн_расход военный_бюджет военные_расходы оборонн_бюджет
military spending: оборонный_бюджет оборонний_бюджет الإنفاق_العسكري الإنفاق_الدفاعي ميزانية_الدفاع
military spending: 国防预算 國防預算 军费 国防费 防衛費 防衛予算 국방예산 국방비 방위비
military spending: ngân_sách_quốc_phòng
jihadist: jihadi dschihadist djihadist yihadist dżihadyst cihatçı джихадист islamist
jihadist: أنصار_الإسلام_والمسلمين جهادي جهاديين 圣战 ジハード 지하디스트 jnim.
pirate: pirate. pirates. piracy piraten piraterie pirat. pirata. pirati. piratas. piratería
pirate: pirateria piratów piraci merirosvo korsan пират пірат قراصنة_صومال القرصنة 海盗 海盜 海賊
pirate: 해적 cướp_biển
arrest: arrest detained verhaft festgenommen festnahme arrêté. arrêtés. deteni detuvo fermat
arrest: arrestat zatrzyman aresztow zatčen zadržen anhållen pågrep pidätet gözaltı tutuklan арестов
arrest: задержан заарешт затриман اعتقال توقيف اعتقلت 逮捕 被捕 拘留 체포 구속 bắt_giữ
airport: airport flughafen flughäfen aéroport aeropuert aeroport lotnisk letiště flygplats lufthavn
airport: luchthaven vliegveld lentoasema havaliman havaalan аэропорт аеропорт مطار. 机场 機場 空港
airport: 공항 sân_bay
hospital: hospital krankenhaus krankenhäus hôpital hôpitaux ospedal szpital nemocnic sjukhus
hospital: sykehus ziekenhuis sairaala hastane больниц госпитал лікарн госпітал مستشفى مشفى 医院
hospital: 醫院 病院 병원 bệnh_viện
-: contracti füzet misilleme patriotic patriotiq patriotis patriottic patriottis patriotyc patriotyz
-: puertorriq vertragin патриотиз патриотич патріотиз патріотич ученик учениц
"""
"""Weapons, acts, offices and waters."""
