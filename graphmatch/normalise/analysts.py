"""Who an analyst is, however the name is typed: nobody becomes two people by a capital, a space or a look-alike."""

from __future__ import annotations

import re
import unicodedata

from graphmatch.normalise.handles import LOOK_ALIKES

_LATIN = str.maketrans({char: latin for latin, chars in LOOK_ALIKES.items() for char in chars})
_BETWEEN = re.compile(r"[\W_]+")


def analyst_key(name: str) -> str:
    """Give what tells analysts apart: letters and digits alone, without case, accents, width or look-alikes.

    ``Jo``, ``jo `` and the same in full width are one analyst, and so are ``Jo Smith`` and ``jo.smith``. What holds
    no letter or digit has the empty key: it names nobody.
    """
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join(c for c in bare if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return _BETWEEN.sub("", letters.translate(_LATIN))
