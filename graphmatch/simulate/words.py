"""Word lists from which persons, places and handles are put together. Nobody here exists."""

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
    "den rigg combe hurst ley marsh beck side win combe"
)

#: (display form, Latin form) of given and family names in other scripts and spellings.
OTHER_SCRIPTS: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    "polish": (
        [("Łucja", "lucja"), ("Paweł", "pawel"), ("Grażyna", "grazyna"), ("Józef", "jozef"), ("Zośka", "zoska")],
        [("Wrzosomił", "wrzosomil"), ("Mglistek", "mglistek"), ("Żółwiec", "zolwiec"), ("Ćmokrąg", "cmokrag")],
    ),
    "welsh": (
        [("Siân", "sian"), ("Llŷr", "llyr"), ("Tomos", "tomos"), ("Gwenllïan", "gwenllian"), ("Siôn", "sion")],
        [("ap Rhostir", "aprhostir"), ("Llwynfôr", "llwynfor"), ("Tŷ Maen", "tymaen"), ("Brynoer", "brynoer")],
    ),
    "arabic": (
        [("ليلى", "layla"), ("سامر", "samer"), ("نور", "nour"), ("هالة", "hala"), ("زيد", "zaid")],
        [("المرتفعي", "almurtafi"), ("النهرين", "alnahrayn"), ("الوادي", "alwadi"), ("الصخري", "alsakhri")],
    ),
    "cyrillic": (
        [("Олена", "olena"), ("Злата", "zlata"), ("Ірина", "iryna"), ("Пётр", "petr"), ("Юрій", "yurii")],
        [("Тихобор", "tykhobor"), ("Грозвальд", "grozvald"), ("Мореяр", "moreyar"), ("Світлогай", "svitlohai")],
    ),
    "devanagari": (
        [("प्रिया", "priya"), ("संजय", "sanjay"), ("मीरा", "meera"), ("अर्जुन", "arjun"), ("उषा", "usha")],
        [("नदीवाल", "nadiwal"), ("पर्वतकर", "parvatkar"), ("मेघपुरी", "meghpuri"), ("शिखरे", "shikhare")],
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
BUSINESSES = ("Brewery", "Bakery", "Garage", "Books", "Plumbing", "Florist", "Bikes", "Pottery")
MAIL_HOSTS = ("mailbox.example", "post.example", "inbox.example", "letterbox.example", "quickmail.example")
FREE_TOPICS = ("buses", "library", "bypass", "market", "flood wall", "school roof", "bins", "quarry", "high street")
