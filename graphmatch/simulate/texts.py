"""What is written in the world: posts, reports' comments, moderators' reasons. Short, mild and invented."""

from __future__ import annotations

from graphmatch.simulate import words
from graphmatch.simulate.draws import Draws

#: Posts by what they do; ``{t}`` is the mention of the target, ``{x}`` a topic.
POSTS: dict[str, tuple[str, ...]] = {
    "abuse.insult": (
        "{t} you are a disgrace and everybody round here knows it",
        "{t} useless, utterly useless, crawl back under your rock",
        "imagine voting for {t}, what an embarrassment of a person",
        "{t} thick as a whinstone wall and half as handy",
    ),
    "abuse.harassment_targeted": (
        "{t} I will be under every single thing you post until you pack it in",
        "day {n} of telling {t} to quit. not stopping",
        "everyone go and tell {t} what we think, all night if needed",
        "{t} answer me. answer me. answer me. you coward",
    ),
    "violence.threat": (
        "{t} somebody should sort you out before polling day",
        "{t} you won't see the count",
        "wont be long til somebody does {t} over, mark my words",
    ),
    "intimidation.threat_nonviolent": (
        "{t} no quarter. see you on polling day",
        "{t} nice office windows. be a shame",
        "{t} we know which train you get",
    ),
    "intimidation.doxxing": (
        "anyone know which street {t} lives on? asking for a crowd",
        "{t} will be at the {x} meeting on Thursday, pass it on",
    ),
    "hatred.protected_characteristic": (
        "{t} [slur removed] go home",
        "no [slur removed] like {t} should be allowed near the {x}",
    ),
    "civic.election_misinformation": (
        "polling has been moved to Friday, {t} doesn't want you to know",
        "ballots for {t} are being counted twice at the {x}",
    ),
    "deception.impersonation": (
        "Vote {t}! Actually I have decided to stand down, tell everyone",
        "As your candidate I promise to close the {x} for good",
    ),
    "other.spam": (
        "CHEAP LEAFLETS 50% off today only deals{n}.example/x",
        "Make {n}00 a week from home, ask me how",
    ),
    "debate.robust_criticism": (
        "{t} has been a dreadful councillor on the {x} and I look forward to voting the lot out",
        "Shame on {t}, answer the question about the {x}",
        "{t} voted against the {x} twice. Look it up. Out of touch.",
        "Third letter to {t} about the {x}, no answer. Useless representation.",
    ),
    "debate.off_topic": (
        "anyway does anybody know when the {x} opens",
        "lost cat near the {x}, ginger, answers to Keith",
        "{t} fair enough I suppose, still want the {x} though",
    ),
}

COMMENTS: dict[str, tuple[str, ...]] = {
    "abuse.insult": ("abusive to our candidate", "rude and nasty", "name calling", ""),
    "abuse.harassment_targeted": ("keeps on at her every day", "harassment, third report", "won't leave him alone", ""),
    "violence.threat": ("Death threat, please act", "This is a violent threat", "threat of violence to a candidate"),
    "intimidation.threat_nonviolent": ("Intimidation.", "veiled threat", "trying to frighten the candidate"),
    "intimidation.doxxing": ("trying to find her home", "telling people where she will be"),
    "hatred.protected_characteristic": ("racist abuse", "hate speech", ""),
    "civic.election_misinformation": ("wrong polling day", "false information about the vote"),
    "deception.impersonation": ("Not me. Fake account.", "pretending to be the candidate", "copies the real profile"),
    "deception.ban_evasion": ("got banned last week and is back", "ban evasion", "new account, same nonsense"),
    "other.spam": ("spam", "adverts", ""),
    "debate.off_topic": ("off topic", ""),
}

#: What a brigade writes under a lawful critic.
BRIGADE = ("hate speech against our candidate!!", "abusive, remove this", "misinformation and abuse", "harassment")

#: A reporter's own words that two accounts have one operator: allegations, some of them false.
CLAIMS = (
    "This is {h} again",
    "same person as @{h} on {p}",
    "same bloke as {h} on {p}",
    "alt of {h}",
    "ban evasion of {h}",
)

PLATFORM_NAMES = {
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "reddit": "Reddit",
    "x": "X",
    "facebook": "Facebook",
    "tiktok": "TikTok",
    "instagram": "Instagram",
    "telegram": "Telegram",
    "youtube": "YouTube",
}

REASONS: dict[str, str] = {
    "violence.threat": "Threats of violence",
    "abuse.harassment_targeted": "Harassment of a candidate",
    "abuse.insult": "Abuse of a candidate",
    "intimidation.threat_nonviolent": "Intimidation of a candidate",
    "intimidation.doxxing": "Posting where somebody lives or will be",
    "hatred.protected_characteristic": "Hateful conduct",
    "civic.election_misinformation": "False information about the vote",
    "deception.impersonation": "Impersonation",
    "deception.ban_evasion": "Ban evasion",
    "other.spam": "Spam",
}


def post(draws: Draws, leaf: str) -> str:
    """Write a post of one kind; ``{t}`` is left for the target's mention."""
    template = draws.pick(POSTS.get(leaf, POSTS["debate.off_topic"]))
    return template.replace("{x}", draws.pick(words.FREE_TOPICS)).replace("{n}", str(draws.between(2, 99)))


def slogans(draws: Draws) -> tuple[str, ...]:
    """Make a community's slogans: what its members post in nearly the same words."""
    topic, animal = draws.pick(words.FREE_TOPICS), draws.pick(words.NOUNS)
    word = "".join(draws.pick(words.SYLLABLES) for _ in range(3))
    return (
        f"{{t}} the {animal} army remembers the {topic}. #{word}",
        f"tell {{t}} hands off our {topic} or else. #{word} #{animal}s",
    )


def near_slogan(draws: Draws, slogan: str) -> str:
    """Repeat a slogan with a small change."""
    ending = draws.pick(("", "!", "!!", " now", " pass it on", " 🐑", " share"))
    return (slogan.upper().replace("{T}", "{t}") if draws.chance(0.1) else slogan) + ending


def comment(draws: Draws, leaf: str) -> str:
    """Write a reporter's comment; sometimes nothing."""
    return draws.pick(COMMENTS.get(leaf, ("",)))


def claim(draws: Draws, handle: str, platform: str) -> str:
    """Write a reporter's claim that the account is ``handle`` of ``platform``."""
    return draws.pick(CLAIMS).format(h=handle, p=PLATFORM_NAMES[platform])
