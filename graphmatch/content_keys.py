"""A post's address → the content id that its platform's own adapter gives. In: text. Out: an id, or nothing. Pure."""

from __future__ import annotations

import re

from graphmatch.model import Account
from graphmatch.normalise import fediverse
from graphmatch.normalise.links import author_of, canonical_url
from graphmatch.normalise.text import bears_contact

_X_STATUS = re.compile(r"x\.com/(?:i/web|\w+)/status(?:es)?/(\d{1,20})(?:/.*)?")
_REDDIT = re.compile(r"reddit\.com/(?:r/[^/]+/)?comments/([0-9a-z]{1,13})(?:/[^/]*(?:/([0-9a-z]{1,13}))?)?(?:\?.*)?")
_BLUESKY = re.compile(r"bsky\.app/profile/([^/]+)/post/([2-7a-z]{13})")

_TELEGRAM = re.compile(r"t\.me/c/(\d{1,20})/(?:\d{1,12}/)?(\d{1,12})(?:\?.*)?")


def content_id_of(address: str | None, platform: str | None, author: Account | None = None) -> str | None:
    """Key a post by its address; ``None`` where that is no web address, or holds a contact value.

    Parameters
    ----------
    address
        The post's own address.
    platform
        Its platform, where no rule is known for the address.
    author
        Who posted it, if known: on Bluesky and Mastodon a post's id begins with its author's.
    """
    canonical = canonical_url(address) if address else None
    if canonical is None or address is None or bears_contact(canonical):
        return None
    if own := _by_rule(canonical, author):
        return own
    if platform in (None, *fediverse.MEMBERS) and fediverse.is_post(address):
        return fediverse.post_id(fediverse.home_address(address, _actor(author)))
    return f"{platform}:{canonical}" if platform else None


def _by_rule(canonical: str, author: Account | None) -> str | None:
    """Key a post of a platform whose addresses hold its posts' ids."""
    if status := _X_STATUS.fullmatch(canonical):
        return f"x:{status[1]}"
    if thing := _REDDIT.fullmatch(canonical):
        return f"reddit:t1_{thing[2]}" if thing[2] else f"reddit:t3_{thing[1]}"
    if message := _TELEGRAM.fullmatch(canonical):
        return f"telegram:{message[1]}/{message[2]}"
    if post := _BLUESKY.fullmatch(canonical):
        known = author.native_id if author and author.native_id.startswith("did:") else None
        did = post[1] if post[1].startswith("did:") else known
        return f"bluesky:at://{did}/app.bsky.feed.post/{post[2]}" if did else f"bluesky:{canonical}"
    return None


def is_own_post(address: str, account: Account) -> bool:
    """Tell whether an address lies under the account's own profile, and is not that profile itself."""
    named = author_of(address)
    if named is None or canonical_url(address) == canonical_url(account.url or ""):
        return False
    own = f"{account.platform}:{account.instance}:{(account.handle or '').lower()}"
    return named in (own, account.account_id) and content_id_of(address, None, account) is not None


def _actor(author: Account | None) -> str | None:
    """Give the address under which servers know a Mastodon account."""
    if author is None or author.platform != fediverse.FAMILY:
        return None
    if author.native_id.isdecimal():
        return f"https://{author.instance}/ap/users/{author.native_id}"
    return author.native_id
