"""An invented world around an invented election, written as the exports that platforms give, with the truth beside it.

For demonstrations, tests and measurements: nobody in it exists, and it is the same to the byte for the same seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from graphmatch.errors import UsageError
from graphmatch.simulate import truth
from graphmatch.simulate.difficulty import DIFFICULTIES, MIDDLE, Difficulty, named
from graphmatch.simulate.events import happen
from graphmatch.simulate.exports import bluesky, generic, harassment_manager, mastodon, reddit
from graphmatch.simulate.exports.view import View, views
from graphmatch.simulate.lives import complete, live
from graphmatch.simulate.persons import populate
from graphmatch.simulate.world import World

FEWEST = 100
MOST = 2_000_000
#: From so many accounts on a world is drawn again if it lacks a kind of decoy or a well-trodden route (some 2 % do).
COMPLETE_FROM = 300
#: Added to the seed for another draw: beyond every seed that a person would name.
REDRAWN = 2**40
_NATIVE = {"bluesky": bluesky.write, "mastodon": mastodon.write, "reddit": reddit.write}
_ABOUT = """\
Everything in this folder is invented: no person, account, post or address in it exists, and any likeness is chance.
graphmatch made it from a seed (truth/world.json names it): persons who abuse, evade, criticise, impersonate, sell or
merely pass by around a by-election in Northmoor, written as the exports that platforms and candidates' offices give.
The folder truth/ says who is who; it is for measuring only and is not read with the exports.
"""


@dataclass(frozen=True, slots=True)
class WorldSummary:
    """How much a world holds."""

    persons: int
    accounts: int
    reports: int
    enforcements: int
    pairs: int
    migrations: int
    communities: int
    decoys: int
    files: int


def build_world(*, accounts: int, seed: int, difficulty: Difficulty = MIDDLE) -> World:
    """Make a world in memory.

    Raises
    ------
    UsageError
        ``accounts`` is not within `FEWEST` and `MOST`, or ``seed`` is below 0.
    """
    if not FEWEST <= accounts <= MOST:
        raise UsageError(f"a world has {FEWEST} to {MOST} accounts, not {accounts}")
    if seed < 0:
        raise UsageError(f"a seed is 0 or more, not {seed}")
    drawn = seed
    while True:
        world = World(drawn, difficulty)
        populate(world, accounts)
        live(world)
        if accounts < COMPLETE_FROM or complete(world):
            break
        drawn += REDRAWN
    world.seed = seed
    happen(world)
    return world


def write_world(
    out: Path,
    *,
    accounts: int,
    seed: int,
    difficulty: str = MIDDLE.name,
    progress: Callable[[str], None] | None = None,
) -> WorldSummary:
    """Make a world and write it: ``out/<platform>/<file>``, and ``out/truth/`` with a README.

    Parameters
    ----------
    out
        A folder that is empty or not there yet.
    accounts
        How many accounts the world has; about 55 % of them are their operator's only one.
    seed
        The same seed gives the same bytes.
    difficulty
        ``easy``, ``middle`` or ``hard``: see `graphmatch.simulate.difficulty`.
    progress
        Called with a few words at each step.

    Raises
    ------
    UsageError
        ``out`` holds something already, or the numbers are out of range, or there is no such difficulty.
    """
    drawn_by = named(difficulty)
    say = progress or (lambda _: None)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already; name a new folder, or empty it")
    say("inventing persons and what they do")
    world = build_world(accounts=accounts, seed=seed, difficulty=drawn_by)
    for platform, view in views(world).items():
        say(f"writing {platform}")
        _write_platform(view, out / platform)
    say("writing the truth")
    files = sum(1 for path in out.rglob("*") if path.is_file())
    summary = _summary(world, files)
    counts = asdict(summary)
    truth.write(world, out / "truth", counts)
    (out / "truth" / "README.txt").write_text(_ABOUT, encoding="utf-8", newline="\n")
    return summary


def _write_platform(view: View, out: Path) -> None:
    if view.platform in _NATIVE:
        _NATIVE[view.platform](view, out)
        return
    elsewhere: set[int] = set()
    if view.platform == "x":
        elsewhere = harassment_manager.told_here(view)
        harassment_manager.write(view, out, accounts=elsewhere)
    generic.write(view, out, elsewhere=elsewhere)


def _summary(world: World, files: int) -> WorldSummary:
    return WorldSummary(
        persons=len(world.persons),
        accounts=len(world.accounts),
        reports=len(world.reports),
        enforcements=len(world.enforcements),
        pairs=sum(person.size * (person.size - 1) // 2 for person in world.persons),
        migrations=len(world.migrations),
        communities=len(world.communities),
        decoys=len(world.decoys),
        files=files,
    )


__all__ = ["DIFFICULTIES", "FEWEST", "MOST", "WorldSummary", "build_world", "write_world"]
