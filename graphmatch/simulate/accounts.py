"""Makes accounts: a handle that is free on its platform, a native id, and the key that its adapter will give it."""

from __future__ import annotations

from dataclasses import dataclass

from graphmatch.simulate import ids, names, texts
from graphmatch.simulate.draws import Draws
from graphmatch.simulate.world import FEDIVERSE, HOME, Account, Identity, Trace, World


@dataclass(frozen=True, slots=True)
class Times:
    """When an account was made, when its abuse begins, and when it falls silent (ms since 1970)."""

    created: int
    first_abuse: int
    until: int


class Registry:
    """Opens accounts in a world; no two on one platform share a handle or an id."""

    def __init__(self, world: World, draws: Draws) -> None:
        self._world = world
        self._draws = draws
        self._taken: set[tuple[str, str]] = {
            (instance, target.handle) for target in world.targets for instance in (HOME, "bsky", "reddit", "x")
        }
        self._numbers: set[int] = set()

    def open(
        self,
        person: int,
        platform: str,
        identity: Identity,
        times: Times,
        trace: Trace = Trace.NONE,
        *,
        instance: str | None = None,
    ) -> Account:
        """Open an account and put it into the world."""
        where = instance or self._instance(platform)
        handle = self._handle(identity, platform, where)
        account = Account(
            number=len(self._world.accounts),
            person=person,
            account_id="",
            platform=platform,
            instance=where,
            native_id="",
            handle=handle,
            url="",
            identity=identity,
            trace=trace,
            created=times.created,
            first_abuse=times.first_abuse,
            until=times.until,
        )
        self._identify(account)
        account.account_id = f"{platform}:{where}:{account.native_id}"
        self._world.accounts.append(account)
        return account

    def _instance(self, platform: str) -> str:
        if platform == "bluesky":
            return "bsky"
        if platform != "mastodon":
            return platform
        return HOME if self._draws.chance(0.8) else self._draws.pick(FEDIVERSE[1:])

    def _handle(self, identity: Identity, platform: str, where: str) -> str:
        extra = ""
        while True:
            made = names.fit(identity.parts, platform, extra)
            if (where, made.lower()) not in self._taken:
                self._taken.add((where, made.lower()))
                return made
            extra = str(self._draws.below(10 ** min(6, len(extra) + 1)))

    def _free(self, number: int) -> int:
        while number in self._numbers:
            number += 1
        self._numbers.add(number)
        return number

    def _identify(self, account: Account) -> None:
        """Give the account its native id, URLs and, in the fediverse, its actor URI."""
        if account.platform == "mastodon":
            self._identify_fediverse(account)
        elif account.platform == "bluesky":
            account.native_id = ids.did(self._world.seed, "account", account.number)
            account.url = f"https://bsky.app/profile/{account.native_id}"
            account.local = self._draws.chance(0.65)
        elif account.platform == "reddit":
            since = account.created // ids.SECOND - 1_100_000_000
            account.native_id = "t2_" + ids.base36(self._free(since << 17 | account.number & 0x1FFFF))
            account.url = f"https://www.reddit.com/user/{account.handle}"
        else:
            self._identify_by_url(account)

    def _identify_fediverse(self, account: Account) -> None:
        account.url = f"https://{account.instance}/@{account.handle}"
        account.local = account.instance == HOME
        if account.local:
            account.server_id = self._free(ids.mastodon_id(account.created, account.number))
            account.native_id = str(account.server_id)
            account.uri = f"https://{HOME}/ap/users/{account.native_id}"
        else:
            # A server numbers a remote account when it first sees it.
            account.server_id = self._free(ids.mastodon_id(account.first_abuse, account.number))
            account.uri = account.native_id = f"https://{account.instance}/users/{account.handle}"

    def _identify_by_url(self, account: Account) -> None:
        handle = account.handle
        account.native_id = "@" + handle.lower()
        if account.platform == "facebook" and self._draws.chance(0.6):
            account.native_id = str(self._free(100_900_000_000_000 + self._draws.below(10**11)))
            account.url = f"https://www.facebook.com/profile.php?id={account.native_id}"
        elif account.platform == "youtube" and self._draws.chance(0.5):
            account.native_id = "UC" + ids.token("channel", self._world.seed, account.number, width=22)
            account.url = f"https://www.youtube.com/channel/{account.native_id}"
        else:
            account.url = {
                "x": f"https://x.com/{handle}",
                "facebook": f"https://www.facebook.com/{handle}",
                "tiktok": f"https://www.tiktok.com/@{handle}",
                "instagram": f"https://www.instagram.com/{handle}/",
                "telegram": f"https://t.me/{handle}",
                "youtube": f"https://www.youtube.com/@{handle}",
            }[account.platform]


def said_before(account: Account) -> str:
    """Say in a bio which account came before."""
    return f"New account, was @{account.handle} on {texts.PLATFORM_NAMES[account.platform]}."
