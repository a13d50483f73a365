"""Platforms as links and people name them: hosts, the shape of their profile addresses, words. Data only.

Handles of one platform meet under one instance: the platform's own name, except ``bsky`` for Bluesky.
"""

# ruff: noqa: SIM905 - a line of words reads better than a word a line

from __future__ import annotations

import re

_HANDLE = r"(?P<handle>[^/]+)"
_AT_HANDLE = r"@(?P<handle>[^/@]+)"
_DEEPER = r"(?P<deeper>/.*)?"

#: Hosts that are other names of one host.
HOST_ALIASES = {
    "twitter.com": "x.com",
    "mobile.twitter.com": "x.com",
    "mobile.x.com": "x.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "fb.com": "facebook.com",
    "mbasic.facebook.com": "facebook.com",
    "web.facebook.com": "facebook.com",
    "telegram.me": "t.me",
    "telegram.dog": "t.me",
    "threads.com": "threads.net",
    "gaming.youtube.com": "youtube.com",
}


def _paths(*shapes: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"/{shape}{_DEEPER}") for shape in shapes)


#: Host → platform and the paths under which its accounts lie.
PROFILE_PATHS: dict[str, tuple[str, tuple[re.Pattern[str], ...]]] = {
    "x.com": ("x", _paths(r"@?(?P<handle>\w{1,20})")),
    "bsky.app": ("bluesky", _paths(rf"profile/@?{_HANDLE}")),
    "reddit.com": ("reddit", _paths(rf"(?:user|u)/{_HANDLE}")),
    "tiktok.com": ("tiktok", _paths(_AT_HANDLE)),
    "instagram.com": ("instagram", _paths(_HANDLE)),
    "facebook.com": ("facebook", _paths(_HANDLE)),
    "youtube.com": ("youtube", _paths(_AT_HANDLE, r"channel/(?P<id>UC[\w-]+)", rf"(?:c|user)/{_HANDLE}")),
    "t.me": ("telegram", _paths(r"(?:s/)?(?P<handle>[A-Za-z]\w{3,31})")),
    "threads.net": ("threads", _paths(_AT_HANDLE)),
    "medium.com": ("medium", _paths(_AT_HANDLE)),
    "twitch.tv": ("twitch", _paths(r"(?P<handle>\w{3,25})")),
    "truthsocial.com": ("truthsocial", _paths(_AT_HANDLE)),
    "gab.com": ("gab", _paths(r"(?P<handle>\w+)")),
    "gettr.com": ("gettr", _paths(rf"user/{_HANDLE}")),
    "rumble.com": ("rumble", _paths(rf"(?:c|user)/{_HANDLE}")),
    "snapchat.com": ("snapchat", _paths(rf"add/{_HANDLE}", _AT_HANDLE)),
    "linkedin.com": ("linkedin", _paths(rf"in/{_HANDLE}")),
}

#: Profile paths of servers that federate: Mastodon, Pleroma, Misskey and their kin.
FEDIVERSE_PATHS = _paths(r"@(?P<handle>[\w.-]+)(?:@(?P<host>[\w.-]+\.\w+))?", r"(?:ap/)?users/(?P<handle>[\w.-]+)")

#: First path words that are the platform's own pages, never a handle.
RESERVED = frozenset(
    "about account accounts add ads app c compose directory download events explore faq followers following "
    "groups hashtag help home i intent invite jobs joinchat legal live login logout marketplace me media messages "
    "p pages people permalink.php photo photo.php photos policies policy popular posts privacy profile "
    "profile.php public r reel reels search settings share sharer sharer.php shorts signup status stories "
    "story.php tags terms topics tos tv users video videos watch web".split()
)

#: Platform words in running text → platform. Those in `SHORT_WORDS` count only before an ``@handle``.
WORDS = {
    "bluesky": "bluesky",
    "bsky": "bluesky",
    "discord": "discord",
    "facebook": "facebook",
    "fb": "facebook",
    "gab": "gab",
    "ig": "instagram",
    "insta": "instagram",
    "instagram": "instagram",
    "lemmy": "lemmy",
    "mastodon": "mastodon",
    "masto": "mastodon",
    "matrix": "matrix",
    "reddit": "reddit",
    "snapchat": "snapchat",
    "snap": "snapchat",
    "telegram": "telegram",
    "tg": "telegram",
    "threads": "threads",
    "tik tok": "tiktok",
    "tiktok": "tiktok",
    "truth social": "truthsocial",
    "twitch": "twitch",
    "twitter": "x",
    "x": "x",
    "youtube": "youtube",
    "yt": "youtube",
}
SHORT_WORDS = frozenset({"gab", "matrix", "snap", "threads", "x"})

#: What people call platforms in a field of their own → ours. Folded: lower case, letters and digits only.
ALIASES = {
    "twitter": "x",
    "xtwitter": "x",
    "twitterx": "x",
    "xformerlytwitter": "x",
    "xcom": "x",
    "twittercom": "x",
    "tweet": "x",
    "fb": "facebook",
    "facebookcom": "facebook",
    "meta": "facebook",
    "insta": "instagram",
    "ig": "instagram",
    "tiktokcom": "tiktok",
    "yt": "youtube",
    "bsky": "bluesky",
    "bskysocial": "bluesky",
    "bskyapp": "bluesky",
    "masto": "mastodon",
    "subreddit": "reddit",
    "tg": "telegram",
    "tme": "telegram",
    "wa": "whatsapp",
    "whatsappmessage": "whatsapp",
    "text": "sms",
    "textmessage": "sms",
    "phonecall": "phone",
    "voicemail": "phone",
    "emailmessage": "email",
    "mail": "email",
}
#: Platforms of many servers: a handle says who only together with its server.
FEDERATED = frozenset(
    "akkoma discourse firefish friendica gotosocial lemmy mastodon matrix mbin misskey peertube piefed pixelfed "
    "pleroma sharkey".split()
)

#: Hosts of short links: the address says nothing about whose it is.
SHORTENERS = frozenset(
    "amzn.to bit.ly buff.ly cutt.ly dlvr.it goo.gl is.gd lnkd.in ow.ly rb.gy rebrand.ly shorturl.at t.co "
    "tiny.cc tinyurl.com trib.al v.gd youtu.be".split()
)

#: Hosts that many strangers link to: only what stands under a path tells whose it is.
SHARED_ROOTS = frozenset(
    "allmylinks.com amazon.co.uk amazon.com apple.com bbc.co.uk bbc.com beacons.ai bio.link buymeacoffee.com "
    "campsite.bio carrd.co cash.app change.org crowdfunder.co.uk discord.com discord.gg dropbox.com "
    "eventbrite.co.uk eventbrite.com github.com gofundme.com google.com gov.uk justgiving.com ko-fi.com linktr.ee "
    "lnk.bio mastodon.online mastodon.social onlyfans.com parliament.uk patreon.com paypal.com paypal.me "
    "pinterest.com popl.co signal.me solo.to soundcloud.com spotify.com steamcommunity.com substack.com "
    "theguardian.com tumblr.com wa.me whatsapp.com wikipedia.org wordpress.com youtube-nocookie.com".split()
)

#: Words after ``Telegram:`` that are no handle.
NOT_HANDLES = frozenset(
    "also and available below bio dm dms here link me mine n/a na no none not off private same see soon tba the "
    "this yes".split()
)
