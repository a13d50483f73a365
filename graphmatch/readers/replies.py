"""Messages that only name the id of what they answer → the same messages, with whom they answer joined in.

Chat exports keep a reply's parent by its id. Who wrote that parent stands earlier in the same file: as far back as
`KEPT` messages it is remembered, so that memory does not grow with the file.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from graphmatch.adapter import RawRecord, Unreadable

#: How many messages back a parent is still known.
KEPT = 50_000
#: The field of a record that its parent's author is joined in as.
PARENT = "parent"
_LONGEST = 500

#: Names a message, or the message that it answers; ``None`` for none.
Key = Callable[[RawRecord], tuple[str, ...] | None]
#: Says who wrote a message, as text by name of field.
Author = Callable[[RawRecord], Mapping[str, str]]


def with_parents(
    records: Iterable[RawRecord | Unreadable], *, own: Key, answered: Key, author: Author, kept: int = KEPT
) -> Iterator[RawRecord | Unreadable]:
    """Stream the records; a reply gets ``author`` of what it answers as its field `PARENT`, if that is remembered.

    Parameters
    ----------
    records
        Messages in the file's order.
    own, answered
        The message's own key, and the key of the message that it answers.
    author
        What is remembered of each message. Longer than 500 characters it is not.
    kept
        How many messages are remembered.
    """
    known: OrderedDict[tuple[str, ...], Mapping[str, str]] = OrderedDict()
    for record in records:
        if isinstance(record, Unreadable):
            yield record
            continue
        wanted = answered(record)
        found = known.get(wanted) if wanted else None
        key, said = own(record), author(record)
        if key and said and sum(map(len, (*key, *said.values()))) <= _LONGEST:
            known[key] = said
            if len(known) > kept:
                known.popitem(last=False)
        yield replace(record, value={**record.value, PARENT: dict(found)}) if found else record
