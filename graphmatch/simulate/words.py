"""Word lists from which persons, places and handles are put together. Nobody here exists."""

# ruff: noqa: RUF001 - the foreign letters are meant

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Given names of many backgrounds, the commonest first.
GIVEN = _words(
    "Pete Tom Asha Sarah Mo Karen Dave Priya Jo Liam Bryony Callum Fatima Gareth Nina Owen Ruth Sanjay Tess Umar "
    "Vera Will Yusuf Zoe Aled Beth Colin Dina Ewan Fern Grace Hamza Iris Jamal Kit Leila Marcus Nadia Otis Petra "
    "Quentin Rhona Saul Thea Uma Vince Wanda Xavier Yasmin Zack Amina Boris Carys Dorian Edith Felix Gwen Hugo Imran "
    "Jess Keir Lorna Mabel Noor Orla Percy Rosa Stan Tilda Usman Viola Wes Yara Zeb"
)

#: Halves of invented family names.
FAMILY_HEADS = _words(
    "Fell Moor Grim Thorn Hal Oka Ver Lang Wether Brack Cold Dun Ember Fen Gorse Hather Inch Keld Lark Mire Nether "
    "Ox Pell Quill Raven Scar Tarn Ulver Vale Whin Yarn Ash Birk Crag Drake Elm Flint Gill Holm Iron"
)
FAMILY_TAILS = _words(
    "brook worth wald for ster wick castle mere stead holt croft gate by ford dale thwaite shaw more field bourne "
    "den rigg combe hurst ley marsh beck side winter sough barrow"
)


def _both(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((shown, latin) for shown, _, latin in (word.partition("=") for word in text.split()))


#: Given names, and beginnings and ends of family names, in other scripts and spellings: as shown, and in Latin letters.
OTHER_SCRIPTS = {
    "polish": (
        _both(
            "Łucja=lucja Paweł=pawel Grażyna=grazyna Józef=jozef Zośka=zoska Wiesław=wieslaw Michał=michal "
            "Bogdan=bogdan Celina=celina Dorota=dorota Edyta=edyta Feliks=feliks Halina=halina "
            "Igor=igor Jadwiga=jadwiga"
            "Kazik=kazik Ludwik=ludwik Małgosia=malgosia Norbert=norbert Oliwia=oliwia Przemek=przemek Róża=roza "
            "Sławek=slawek Teodor=teodor Urszula=urszula Władek=wladek Żaneta=zaneta"
        ),
        _both(
            "Wrzoso=wrzoso Mgło=mglo Żuro=zuro Świto=swito Łąko=lako Jeżo=jezo Kręto=kreto "
            "Śnieżo=sniezo Dębo=debo Biało=bialo Czarno=czarno Głogo=glogo Kamieno=kamieno "
            "Liso=liso Nowo=nowo Ostro=ostro Ruda=ruda"
        ),
        _both("mił=mil brzeg=brzeg wiec=wiec las=las staw=staw grąd=grad borski=borski źródło=zrodlo róg=rog"),
    ),
    "welsh": (
        _both(
            "Siân=sian Llŷr=llyr Tomos=tomos Gwenllïan=gwenllian Siôn=sion Efa=efa Iolo=iolo Mared=mared "
            "Anwen=anwen Bedwyr=bedwyr Ceri=ceri Dafydd=dafydd Eirlys=eirlys Ffion=ffion "
            "Geraint=geraint Heledd=heledd"
            "Ifan=ifan Luned=luned Meirion=meirion Nerys=nerys Osian=osian Rhodri=rhodri Seren=seren Tegwen=tegwen "
            "Wyn=wyn Ynyr=ynyr Gwilym=gwilym Hywel=hywel"
        ),
        _both(
            "Llwyn=llwyn Bryn=bryn Rhos=rhos Pant=pant Gwern=gwern Maes=maes Tŷ=ty Cwm=cwm "
            "Nant=nant Pont=pont Glyn=glyn Coed=coed Craig=craig Dol=dol Ynys=ynys Carreg=carreg "
            "Afon=afon"
        ),
        _both("fôr=for oer=oer ddu=ddu wern=wern êl=el glas=glas tir=tir garreg=garreg hafod=hafod"),
    ),
    "arabic": (
        _both(
            "ليلى=layla سامر=samer نور=nour هالة=hala زيد=zaid رنا=rana طارق=tariq سلمى=salma كريم=karim "
            "باسم=basim جود=joud حسن=hasan دانة=dana رامي=rami شادن=shaden عمر=omar غادة=ghada فارس=faris قمر=qamar "
            "لؤي=loay مها=maha ناصر=nasir وليد=walid يارا=yara"
        ),
        _both("أبو=abu ابن=ibn آل=al عبد=abd بنو=banu"),
        _both("النهر=nahr الوادي=wadi الصخر=sakhr النخل=nakhl البحر=bahr الريح=rih الفجر=fajr الجبل=jabal المطر=matar"),
    ),
    "cyrillic": (
        _both(
            "Олена=olena Злата=zlata Ірина=iryna Юрій=yurii Тиміш=tymish Ганна=hanna Лесь=les Мирон=myron "
            "Богдан=bohdan Віра=vira Галина=halyna Дарина=daryna Єва=yeva Жанна=zhanna Зоряна=zoriana Ілля=illia "
            "Катря=katria Любов=liubov Марко=marko Назар=nazar Остап=ostap Павло=pavlo Роман=roman Соломія=solomiia "
            "Тарас=taras Устим=ustym Федір=fedir Христя=khrystia"
        ),
        _both(
            "Тихо=tykho Грозо=hrozo Світло=svitlo Вітро=vitro Камене=kamene Лісо=liso Сніго=sniho "
            "Зимо=zymo Біло=bilo Верхо=verkho Дубо=dubo Золото=zoloto Криво=kryvo Медо=medo "
            "Пшено=psheno Рудо=rudo"
        ),
        _both("вал=val яр=yar гай=hai град=hrad став=stav лад=lad дуб=dub"),
    ),
    "devanagari": (
        _both(
            "प्रिया=priya संजय=sanjay मीरा=meera अर्जुन=arjun उषा=usha रोहन=rohan कविता=kavita दीपक=deepak "
            "अनिल=anil भारती=bharati चेतन=chetan दिव्या=divya गीता=geeta हरीश=harish इला=ila जतिन=jatin किरण=kiran "
            "लता=lata मोहन=mohan नेहा=neha पवन=pawan राधा=radha सुनील=sunil तारा=tara विजय=vijay"
        ),
        _both(
            "नदी=nadi पर्वत=parvat मेघ=megh शिखर=shikhar वन=van चंद्र=chandra सागर=sagar दीप=deep "
            "सूर्य=surya हिम=him नील=neel स्वर्ण=swarna कमल=kamal गिरि=giri ताल=taal राज=raj"
        ),
        _both("वाल=wal कर=kar पुरी=puri नगरी=nagri वासी=vasi धर=dhar पाल=pal"),
    ),
}

#: Ready-made nicknames that many strangers choose (the first are the commonest).
MEMES = (
    ("moor", "lad"),
    ("no", "quarter"),
    ("red", "kite"),
    ("truth", "teller"),
    ("angry", "badger"),
    ("real", "northerner"),
    ("plain", "speaker"),
    ("silent", "majority"),
    ("bog", "standard"),
    ("tea", "drinker"),
    ("the", "watcher"),
    ("dry", "stone"),
    ("night", "shift"),
    ("old", "codger"),
    ("wet", "wellies"),
)
ADJECTIVES = _words(
    "angry plain quiet loud rusty bitter salty misty muddy windy sour bold blunt brave brisk cheeky dour dusty early "
    "fierce frosty gritty hasty humble icy jaunty keen late lean lofty lone lucky mossy narky odd pale proud raw rough"
)
NOUNS = _words(
    "badger kite heron ferret otter curlew grouse whippet terrier plough anvil lantern kettle ladder spanner wagon "
    "barrow chimney cobble drover farrier fiddler gander goblin hammer hermit jester kipper lurcher magpie miller "
    "napper ostler pedlar piper poacher ranger shepherd smith stoker tinker warden weaver"
)
SYLLABLES = _words(
    "gri wal tor vek mun dra sil pho kel bru zan tik lor fen gax ruv nol qui sko yar vin dob hex jum lat myr ost pul "
    "raz sef tul urb vor wex yol zet bam cro dil"
)

TOWNS = (
    "Northmoor",
    "Kettlethwaite",
    "Saltmire",
    "Gorsley Cross",
    "Underfell",
    "Harrowbeck",
    "Pellworth",
    "Llanfoel",
    "Whinbridge",
    "Marsh End",
    "Coldstead",
    "Ravenholm",
    "Inchgate",
    "Dunmere",
    "Ashrigg",
    "Tarnside",
)
PHRASES = (
    "born and bred",
    "no quarter",
    "dms open",
    "say what you see",
    "retired teacher",
    "dad of two",
    "walks the dog",
    "brass band on Sundays",
    "allotment addict",
    "not here to make friends",
    "backup on tg",
    "opinions mine",
    "northern and proud",
    "cricket in summer",
    "fix the buses",
    "ask me about sheep",
    "tea not coffee",
    "night worker",
    "ex miner",
    "reads the small print",
    "save the library",
    "paid my taxes",
    "blocked by the best",
    "gardens and grudges",
    "straight talking",
    "fell runner",
    "mostly lurking",
    "sick of the lot of them",
    "plays the fiddle",
    "pub quiz second",
    "never knowingly quiet",
    "mum, nan, menace",
    "hates potholes",
    "half marathon once",
    "bring back the market",
    "watching the council",
    "bins every other week",
    "bad puns",
    "parish newsletter",
    "ham radio",
)
#: Phrases with something of one's own in them; ``{a}`` and ``{b}`` are things, ``{n}`` a number, ``{t}`` a town.
OWN_PHRASES = (
    "{n} years at the {a}",
    "keeps {a}s and {b}s",
    "once met a {a}",
    "{t} {a} club",
    "est. {n}",
    "likes: {a}, {b}",
    "more {a} than {b}",
    "{n} {a}s and counting",
    "from {t} by way of {b}",
    "not that {a}",
    "part-time {a}",
    "my {a} bites",
)
BUSINESSES = ("Brewery", "Bakery", "Garage", "Books", "Plumbing", "Florist", "Bikes", "Pottery")
MAIL_HOSTS = ("mailbox.example", "post.example", "inbox.example", "letterbox.example", "quickmail.example")
FREE_TOPICS = ("buses", "library", "bypass", "market", "flood wall", "school roof", "bins", "quarry", "high street")
