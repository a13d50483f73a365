"""Street addresses in running text: where each begins and ends. In: text. Out: spans. Pure.

An address is a number, a flat or a house's name *with* a street, a PO box, or the street after "lives on". No
expression reads a whole address: each finds where one may begin, and the words from there are read one by one, a
bounded number of them. So the time is linear in the length, and each rule can be said in a line.
"""

# ruff: noqa: SIM905 - a line of words reads better than a word a line

from __future__ import annotations

import re
from collections.abc import Iterator

_MOST_WORDS, _MOST_COMMON_WORDS = 6, 3
_LONGEST_LEAD = 80

#: Words that end a street's name and little else.
_STREETS = frozenset(
    "street str st road rd lane ln avenue ave av crescent cres terrace terr ter tce grove gdns gdn mews boulevard "
    "blvd esplanade wynd brae alley villas cottages".split()
)
#: Words that end a street's name, and mean something else as often: they count only where more speaks for it.
_PERHAPS = frozenset(
    "approach bank bridge brow bungalows chase circus cl close common copse court croft ct dene dr drive drove "
    "embankment end esplanade estate field fields fold garden gardens garth gate glade glen gr green grn haven heath "
    "hill hollow la loan market meadow meadows mount nook orchard paddock paddocks parade park passage path pk pl "
    "place promenade quay quays ride ridge rise row spinney sq square steps vale view walk way wharf wk wood woods wy "
    "yard yd".split()
)
#: After these a full stop ends no sentence.
_ABBREVIATED = frozenset("st str rd ln ave av cres terr ter tce gr cl ct dr pl sq wk yd gdns n s e w upr lr gt".split())
#: Welsh names begin with the kind of street.
_WELSH = frozenset("heol ffordd stryd lon lôn maes rhodfa clos cwrt bryn".split())
#: No street's name holds one of these in lower case.
_STOPS = frozenset(
    "a about across after again all also an and any are around as at away back be because been before behind both "
    "but by can could did do does down during each every few for from get go got had half has have he her here him his "
    "how i if in into is it its just last less like many me more most my never next no not of off on one only or "
    "our out over past per said same says she so some still such than that the their them then there these they this "
    "those through to two three four five six up us very was way we were what when where which while who why will with "
    "you your "
    "accounts cars days feet foot hour hours houses idiots kids km lads lanes likes men mile miles min mins minute "
    "minutes month months mph people percent point points posts quid second seconds shops stars steps tickets times "
    "votes voters week weeks wheel women yards year years star day way "
    "main side cross busy dirt toll ring slip dead one".split()
)
_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul "
    "aug sept sep oct nov dec monday tuesday wednesday thursday friday saturday sunday am pm".split()
)
#: What ends like a street and is none.
_NO_STREETS = frozenset(
    "car park, county court, crown court, dead end, first place, fleet street, food bank, food court, hard drive, "
    "high court, left wing, magistrates court, national park, one way, retail park, second place, sesame street, "
    "supreme court, tennis court, test drive, theme park, third place, three way, two way, usb drive, wall street, "
    "west bank, wheel drive, world bank".split(", ")
)
_HOUSES = (
    "almshouses?|barn|buildings?|bungalow|cabin|chapel|cottages?|court|croft|exchange|farm(?:house)?|forge|foundry"
    "|gatehouse|grange|hall|heights|house|lodge|maltings|manor|manse|mansions|mill|parsonage|place|point|post office"
    "|rectory|school ?house|smithy|stables|station|surgery|tower|towers|vicarage|villa|works"
)
_SPELT = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_POSTCODE = r"[A-Za-z]{1,2}\d[\dA-Za-z]? ?\d[A-Za-z]{2}\b"

_NUMBER = re.compile(r"\d(?<!\d\d)\d{0,3}+(?: ?[A-Za-z](?![\w'.]))?(?: ?[-/&] ?\d{1,4}[A-Za-z]?)?(?![\w.:%£$€])")
_SPELT_NUMBER = re.compile(rf"\b(?i:number|no\.?) (?i:{_SPELT})(?:[ -](?i:{_SPELT}))?\b")
# A number of a house is no part of a sum, a time, a date or an address on the web.
_PART_OF_MORE = re.compile(r"(?:[\w:£$€%/+@]|\d[,-]|(?<!\b[Nn]o)\.)\Z")
_WORD = re.compile(r"\s{1,2}([A-Za-z][\w'-]{0,24}\.?)(?![\w@])")
_FIRST_WORD = re.compile(r"(?:,\s|\s{1,2})([A-Za-z][\w'-]{0,24}\.?)(?![\w@])")
_FURTHER_STREET = re.compile(r",\s{1,2}(?=[A-Z])")
_YEAR = re.compile(r"(?:19|20)\d\d(?: ?[-/&] ?\d{2,4})?")
_CAPITALS = r"(?:[A-Z][\w'&-]{0,20} ){0,3}"
_LEAD = re.compile(
    r"(?<![\w'])(?:"
    r"(?i:flat|apartment|apt|unit|room|suite|studio|block|caravan|plot|mooring|shop|office|door|house|floor|level)\.? "
    r"?(?:\d[\w/-]{0,4}|[A-Za-z]\b)?[, /]{0,2}"
    r"|(?i:basement flat|ground floor(?: flat)?|top floor(?: flat)?|(?:1st|2nd|3rd|first|second|third) floor(?: flat)?"
    r"|c/o|no\.?|nr\.?|number|freepost)[, ]{0,2}|#"
    r"|\d{1,3}/\d{1,3}, "
    rf"|(?:The (?:[A-Z][\w'-]{{0,20}} ?){{1,3}}|{_CAPITALS}(?i:{_HOUSES})), ?"
    r")+\Z"
)
_BOX = re.compile(r"(?<!\w)(?i:P\.? ?O\.? ?Box|post office box)(?: no\.?)? ?\d{1,6}\b", re.IGNORECASE)
_COMMA = re.compile(r",\s{1,2}(?:off )?")
_HOUSE = re.compile(rf"(?<![\w'])(?i:{_HOUSES})\Z")
_LONGEST_HOUSE = 14
_HOUSE_NAME = re.compile(
    r"(?<![\w'])(?:[Tt]he (?:[Oo]ld )?|[Tt]he [A-Z][\w'-]{0,20} |(?:[A-Z][\w'-]{0,20} ){1,3}|OLD |THE |[a-z]{3,20} )\Z"
)
_BEFORE_POSTCODE = re.compile(rf"(?:[A-Z][\w'-]{{1,20}},? ){{0,4}}{_POSTCODE}")
_FLAT = re.compile(
    rf"(?<!\w)(?i:flat|apartment|apt)\.? \d{{1,4}}[A-Za-z]?, (?:The (?:[A-Z][\w'-]{{1,20}}\b ?){{1,2}}"
    rf"|(?:[A-Z][\w'&-]{{0,20}} ){{1,3}}(?i:{_HOUSES})\b)"
)
_LIVES = re.compile(r"\b(?i:lives?|living|lived|stays|staying) (?:up |down |just )?(?:on|in|at|off|near)(?= )")
# After a word that is perhaps a street's, something must end: a sentence, a line, a part of an address.
_END = re.compile(rf"\s{{0,2}}(?:$|[,.;:!?)\]\"'/\n-]|{_POSTCODE})")
_AT = re.compile(r"(?:\b(?:at|to|from|near|address|lives?|house|home|outside)\W{1,3}|[\"(:=]\s?)\Z", re.IGNORECASE)


def street_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Find street addresses: from where to where each stands, in order; none overlaps another."""
    begun: tuple[int, int] | None = None
    for start, end in sorted(_found(text)):
        if begun and start < begun[1]:
            begun = begun[0], max(begun[1], end)
            continue
        if begun:
            yield begun
        begun = start, end
    if begun:
        yield begun


def _found(text: str) -> Iterator[tuple[int, int]]:
    folded = text.lower()
    for number in _numbers(text, folded):
        end = _street_end(text, number.end(), number=number)
        if end:
            yield _lead(text, number.start()), _further(text, end)
    if "box" in folded:
        yield from (match.span() for match in _BOX.finditer(text))
    if "flat" in folded or "ap" in folded:
        yield from (match.span() for match in _FLAT.finditer(text))
    if "," in text:
        yield from _named_houses(text)
    if "liv" in folded or "stay" in folded:
        for match in _LIVES.finditer(text):
            end = _street_end(text, match.end())
            if end:
                yield match.end() + 1, end


def _numbers(text: str, folded: str) -> Iterator[re.Match[str]]:
    for number in _NUMBER.finditer(text):
        if not _PART_OF_MORE.search(text[max(0, number.start() - 3) : number.start()]):
            yield number
    if "number " in folded or "no " in folded or "no. " in folded:
        yield from _SPELT_NUMBER.finditer(text)


def _named_houses(text: str) -> Iterator[tuple[int, int]]:
    """Find houses by their name, where a street or a postcode follows it."""
    for comma in _COMMA.finditer(text):
        house = _HOUSE.search(text, max(0, comma.start() - _LONGEST_HOUSE), comma.start())
        if not house:
            continue
        since = max(0, house.start() - _LONGEST_LEAD)
        name = _HOUSE_NAME.search(text[since : house.start()])
        if not name or name[0].strip() in _STOPS - {"the"}:
            continue
        street = _street_end(text, comma.end() - 1)
        if street:
            yield since + name.start(), street
        elif _BEFORE_POSTCODE.match(text, comma.end()):
            yield since + name.start(), comma.start()


def _lead(text: str, start: int) -> int:
    """Give where the flat, floor or house begins that stands before the number."""
    since = max(0, start - _LONGEST_LEAD)
    lead = _LEAD.search(text[since:start])
    return since + lead.start() if lead else start


def _further(text: str, end: int) -> int:
    """Give where the street ends that stands after a row of houses: "5 Orchard Cottages, Back Lane"."""
    more = _FURTHER_STREET.match(text, end)
    return (_street_end(text, more.end() - 1) or end) if more else end


def _street_end(text: str, start: int, number: re.Match[str] | None = None) -> int | None:
    """Read on from ``start``, a word after the other, and give where the longest street's name ends."""
    words: list[str] = []
    ends: list[int] = []
    place = start
    while len(words) < _MOST_WORDS:
        match = (_FIRST_WORD if number and not words else _WORD).match(text, place)
        if not match:
            break
        word, place = match[1], match.end()
        if _stops(word, first=not words):
            break
        words.append(word)
        ends.append(place)
        if word.endswith(".") and word[:-1].lower() not in _ABBREVIATED:
            break
    for count in range(len(words), 1, -1):
        if _is_street(words[:count], text, start, ends[count - 1], number):
            return ends[count - 1]
    return None


def _stops(word: str, *, first: bool) -> bool:
    folded = word.lower().rstrip(".")
    if folded in _MONTHS:
        return True
    if folded not in _STOPS or (first and folded == "the"):
        return False
    return not word[0].isupper() or (len(word) > 1 and word.isupper())


def _is_street(words: list[str], text: str, start: int, end: int, number: re.Match[str] | None) -> bool:
    """Judge whether words after a number, a house's name or "lives on" are a street's."""
    kind, name = words[-1].lower().rstrip("."), words[0]
    if f"{words[-2]} {kind}".lower() in _NO_STREETS or (number and _YEAR.fullmatch(number[0])):
        return False
    proper = name[0].isupper()
    if proper and name.lower() in _WELSH:
        return len(words) <= 3 and all(word[0].isupper() or len(word) < 4 for word in words[1:])
    unnamed = name.lower() == "the" and not proper
    if kind in _STREETS and not unnamed:
        return proper or len(words) <= _MOST_COMMON_WORDS + 1
    if kind not in _STREETS | _PERHAPS:
        return False
    return _stands_as_street(words, text, number.start() if number else start, end)


def _stands_as_street(words: list[str], text: str, begun: int, end: int) -> bool:
    """Judge whether words that may mean something else are a street's, by their capitals and what stands around."""
    proper = words[0][0].isupper()
    if proper and words[-1][0].isupper():
        return True
    before = text[max(0, begun - _LONGEST_LEAD) : begun]
    alone = not before.strip()
    said = _AT.search(before) is not None
    closed = _END.match(text, end) is not None
    if words[0] == "the":
        return closed and (said or alone)
    return len(words) <= _MOST_COMMON_WORDS and (closed or said)
