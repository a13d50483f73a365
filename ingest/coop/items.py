"""An item of Coop (a user, a post, a thread) → its key and what its data says, as far as the platform's fields tell.

An item is known by its id together with its type's: two types may count alike. What the mapping file names is read
strictly; what is only guessed from a field's usual name counts where it fits, and is nothing where it doesn't.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Content, IdKind, Precision, Sighting
from graphmatch.normalise.contacts import Keyring
from graphmatch.normalise.text import bears_contact, blank_to_none, contacts_in, redact
from graphmatch.normalise.times import from_epoch, from_iso
from graphmatch.profile import profile_rows
from ingest.coop.tenant import CONTENT, ROLES, USER, Tenant

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ref:
    """An item's identity."""

    item_id: str
    type_id: str

    def key(self, keyring: Keyring) -> tuple[str, IdKind]:
        """Give the native id; an id that is a contact value is replaced by its digest."""
        native = f"{self.type_id.replace('%', '%25').replace(':', '%3A')}:{self.item_id}"
        if bears_contact(self.item_id) or bears_contact(self.type_id):
            return keyring.digest("account", native), IdKind.HASHED
        return native, IdKind.OPAQUE


@dataclass(frozen=True, slots=True)
class Item:
    """An item with its data; only an identity is known of one whose data is empty."""

    ref: Ref
    data: Record
    tenant: Tenant

    def text(self, role: str) -> str | None:
        """Give what a role's field says; ``None`` if it says nothing."""
        return next(iter(self.texts(role)), None)

    def texts(self, role: str) -> list[str]:
        """Give all that a role's field says: one text, or a list of them."""
        path = self.tenant.path(self.ref.type_id, role)
        if path is not None:
            found = fields.value(self.data, path)
            if isinstance(found, list):
                return fields.texts(self.data, path)
            one = fields.text(self.data, path)
            return [one] if one else []
        for name in ROLES[role]:
            found = self.data.get(name)
            values = found if isinstance(found, list) else [found]
            said = [clean for value in values if isinstance(value, str) and (clean := blank_to_none(value))]
            if said:
                return said
        return []

    def time(self, role: str) -> tuple[datetime | None, Precision | None]:
        """Give a role's time, ISO 8601 or an epoch, and how exact it is."""
        path = self.tenant.path(self.ref.type_id, role)
        given = [fields.value(self.data, path)] if path is not None else [self.data.get(name) for name in ROLES[role]]
        for value in given:
            at = _moment(value)
            if at is not None:
                return at, Precision.DAY if isinstance(value, str) and len(value.strip()) == 10 else Precision.EXACT
            if path is not None and value is not None and not isinstance(value, str | int | float):
                raise RejectedRecord(f"the field {path!r} should be a time, not {type(value).__name__}")
        return None, None

    def refs(self, role: str, user_type: str | None = None) -> list[Ref]:
        """Give the items that a role's field names: ``{id, typeId}``, or a bare id if users are of one type."""
        path = self.tenant.path(self.ref.type_id, role)
        names = (path,) if path is not None else ROLES[role]
        for name in names:
            value = fields.value(self.data, name) if path is not None else self.data.get(name)
            # Text in a field called "author" may be a name as well as an id.
            bare = user_type if path is not None or name.endswith("Id") else None
            named = value if isinstance(value, list) else [value]
            found = [ref for one in named if (ref := _ref_in(one, bare)) is not None]
            if found:
                return found
        return []


def item_at(record: Record, path: str, tenant: Tenant) -> Item:
    """Read the item at ``path``, which must be there."""
    return _item(fields.required_mapping(record, path), tenant, f"{path}.")


def items_at(record: Record, path: str, tenant: Tenant) -> list[Item]:
    """Read the items of the list at ``path``."""
    return [_item(item, tenant, f"{path}.") for item in fields.items(record, path)]


def ref_at(record: Record, path: str) -> Ref | None:
    """Read the identity at ``path``; ``None`` if there is none."""
    found = fields.mapping(record, path)
    return _ref(found, f"{path}.") if found else None


def refs_at(record: Record, path: str) -> list[Ref]:
    """Read the identities of the list at ``path``."""
    return [_ref(item, f"{path}.") for item in fields.items(record, path)]


def kind_of(item: Item, user_types: Iterable[str]) -> str:
    """Tell a user from a content: by the mapping, by the types that are users' in the same body, else by its data."""
    known = item.tenant.kinds.get(item.ref.type_id)
    if known:
        return known
    if item.ref.type_id in user_types:
        return USER
    plain = not item.refs("author") and not item.text("text") and not item.text("title")
    return USER if plain and item.text("handle") else CONTENT


def account_row(item: Item, keyring: Keyring, seen: datetime | None, *, bare: bool = False) -> Account:
    """Give a user's row; ``bare``: its key and its handle only."""
    native, kind = item.ref.key(keyring)
    handle = item.text("handle")
    plain = Account(
        account_id=item.tenant.id_of(native),
        platform=item.tenant.platform,
        instance=item.tenant.instance,
        native_id=native,
        id_kind=kind,
        observed_at=seen,
        handle=handle.removeprefix("@") if handle and not bears_contact(handle) else None,
    )
    if bare:
        return plain
    created_at, precision = item.time("created_at")
    url, avatar = item.text("url"), item.text("avatar")
    return Account(
        account_id=plain.account_id,
        platform=plain.platform,
        instance=plain.instance,
        native_id=native,
        id_kind=kind,
        observed_at=seen,
        handle=plain.handle,
        display_name=item.text("display_name"),
        bio=item.text("bio"),
        url=redact(url) if url else None,
        location=item.text("location"),
        avatar_url=redact(avatar) if avatar else None,
        created_at=created_at,
        created_at_precision=precision,
    )


def account_rows(
    item: Item, context: Context, seen: datetime | None, report_id: str | None, *, bare: bool = False
) -> Iterator[Account | Sighting]:
    """Give a user and the signals in its data; ``bare``: its key and its handle only."""
    account = account_row(item, context.keyring, seen, bare=bare)
    if bare:
        yield from profile_rows(account, source=context.source, keyring=context.keyring, report_id=report_id)
        return
    # People sign up with their address for a name.
    emails = [*item.texts("email"), *contacts_in(item.text("handle") or "").emails]
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=item.texts("links"),
        emails=emails,
        phones=item.texts("phone"),
        ips=item.texts("ip"),
    )


def content_row(
    item: Item,
    keyring: Keyring,
    account_id: str | None,
    seen: datetime | None,
    *,
    target_ids: tuple[str, ...] = (),
    content_free: bool = False,
) -> Content:
    """Give a content's row; ``content_free``: the fact that there is one."""
    words = "\n".join(redact(part) for role in ("title", "text") if (part := item.text(role)))
    url = item.text("url")
    return Content(
        content_id=item.tenant.id_of(item.ref.key(keyring)[0]),
        platform=item.tenant.platform,
        account_id=account_id,
        text=words if words and not content_free else None,
        url=redact(url) if url and not content_free else None,
        created_at=item.time("created_at")[0],
        observed_at=seen,
        target_ids=target_ids,
    )


def _item(value: Record, tenant: Tenant, where: str) -> Item:
    return Item(_ref(value, where), fields.mapping(value, "data"), tenant)


def _ref(value: Record, where: str) -> Ref:
    try:
        return Ref(fields.required_text(value, "id"), fields.required_text(value, "typeId"))
    except RejectedRecord as error:
        raise RejectedRecord(str(error).replace("the field '", f"the field '{where}")) from None


def _ref_in(value: object, user_type: str | None) -> Ref | None:
    if isinstance(value, Mapping):
        found = [blank_to_none(value.get(name)) for name in ("id", "typeId")]
        item_id, type_id = found[0], found[1] or user_type
    else:
        item_id, type_id = blank_to_none(value), user_type
    return Ref(item_id, type_id) if item_id and type_id else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return (from_iso(value) if isinstance(value, str) else None) or from_epoch(value)
