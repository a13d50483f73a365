"""The straight line: ingest → targets → link → resolve → communities → migrations.

Each step reads tables, calls one room, and puts its result into the store under its own name, so that each can be run
again alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from graphmatch.adapter import Options, load_all
from graphmatch.answers import Known, flows_against_chance, lags
from graphmatch.community import Followed, Ties, against_chance, chosen, followed, moves, search, stability, tie
from graphmatch.early_warning import HALF_LIFE_DAYS, warn
from graphmatch.errors import ConfigError, NothingToDo, UsageError
from graphmatch.intake import IngestResult, Limits, Progress
from graphmatch.intake import ingest as read_files
from graphmatch.intake.pending import DUE_BYTES
from graphmatch.journal import Journal
from graphmatch.lag import Ledger
from graphmatch.link import LinkResult, Model, default
from graphmatch.link import link as link_accounts
from graphmatch.link.block import Progress as LinkProgress
from graphmatch.link.index import Tables, Updated, linked
from graphmatch.link.refit import LEAST_OF_EITHER, Refitted, refit
from graphmatch.merge import in_force
from graphmatch.migration import coverage, trace
from graphmatch.migration.flows import Facet
from graphmatch.migration.timeline import timeline
from graphmatch.opinions import opinions
from graphmatch.registry import mentioned, registered
from graphmatch.reporters import Weighed, weigh
from graphmatch.resolve import Resolved
from graphmatch.resolve import resolve as resolve_actors
from graphmatch.settings import Settings
from graphmatch.store import Store
from graphmatch.tables import OBSERVED
from graphmatch.workspace import Workspace

#: Rows that are gathered before they are written to the embedded store.
EMBEDDED_DUE_BYTES = 96 * 2**20
Say = Callable[[str], None]


def weights(workspace: Workspace) -> Model:
    """Read the weights of the last linking.

    Raises
    ------
    NothingToDo
        There are none yet.
    ConfigError
        They can't be read.
    """
    path = workspace.model
    if not path.exists():
        raise NothingToDo(f"{path} is missing, which holds the weights of the matches; run: graphmatch link")
    return _model(path, "graphmatch link")


def _model(path: Path, remedy: str) -> Model:
    try:
        return Model.from_json(path.read_text("utf-8"))
    except (ConfigError, UsageError, UnicodeDecodeError):
        raise ConfigError(f"{path} can't be read; make it anew: {remedy}") from None


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What a user may say of files: a mapping, when they were pulled, to read known ones anew, whose chat messages."""

    mapping: Path | None = None
    observed_at: datetime | None = None
    force: bool = False
    subjects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One workspace, its settings and its open store: what every step of the line works on."""

    workspace: Workspace
    settings: Settings
    store: Store

    def ingest(
        self, paths: Sequence[str], options: IngestOptions | None = None, progress: Progress | None = None
    ) -> IngestResult:
        """Read exports into the store, and tell which of the targets the registries in it know."""
        options = options or IngestOptions()
        result = read_files(
            paths,
            write=self.store.write_all,
            home=self.workspace.home,
            keyring=self.workspace.keyring(),
            adapters=load_all(Options(options.mapping, self.settings.timezone, options.subjects)),
            observed_at=options.observed_at,
            progress=progress,
            force=options.force,
            # The ledger outlives a store that was deleted: an empty store reads everything again.
            fresh=not any(self.store.counts()[table] for table in OBSERVED),
            # The default store moves with its workspace; another one is told apart by its URL.
            into="" if self.store.url == self.workspace.store_url else self.store.url,
            limits=Limits(max_bytes=int(self.settings.max_file_gib * 2**30)),
            # The embedded engine puts its file in order at every write; a server's transaction must fit its memory.
            due_bytes=EMBEDDED_DUE_BYTES if self.store.url.startswith("embedded:") else DUE_BYTES,
        )
        self.targets()
        return result

    def targets(self) -> None:
        """Tell which targets are registered candidates or office holders, and which posts mention those."""
        targets = self.store.read("targets")
        if targets["registered_as"].null_count() == targets.height:
            return
        self.store.write("targets", registered(targets))
        self.store.write_all(mentioned(targets, self.store.read("contents"), self.store.read("reports")))

    def link(
        self,
        model: Model | None = None,
        start: Model | None = None,
        progress: LinkProgress | None = None,
    ) -> LinkResult:
        """Propose Matches between the accounts, each with its reasons.

        Without weights to use (``model``) or to start from (``start``) it starts from what judgements taught
        (`train`), else from the shipped ones.
        """
        accounts = self._accounts()
        if model is None and start is None:
            start = self._trained()
        result = link_accounts(
            accounts,
            **self._evidence(),
            model=model,
            start=start,
            cap=self.settings.cap,
            nearest=self.settings.nearest,
            memory_gib=self.settings.memory_gib,
            progress=progress,
            seed=self.settings.seed,
        )
        self.store.replace("matches", result.matches)
        self.workspace.keep_model(result.model.to_json())
        return result

    def link_changed(self, model: Model | None = None) -> Updated:
        """Link what changed since the last time, by the workspace's index; all, where that can't be, saying why.

        By levels alone and without the nearest in spelling, whose weights and neighbours are the whole population's.
        """
        accounts = self._accounts()
        updated = linked(self.workspace.index, accounts, self._evidence(), model=model, cap=self.settings.cap)
        self.store.replace("matches", updated.index.matches())
        self.workspace.keep_model(updated.index.model.to_json())
        return updated

    def _evidence(self) -> Tables:
        return {
            "sightings": self._sightings(),
            "reports": self.store.read("reports"),
            "claims": in_force(self.store.read("link_claims"), "asserted_at"),
            "targets": self.store.read("targets"),
            "contents": self.store.read("contents"),
            "enforcements": self.store.read("enforcements"),
        }

    def train(self, *, keep: bool = True) -> Refitted:
        """Refit the weights of the last linking from the judgements on which analysts agree.

        Raises
        ------
        NothingToDo
            There are too few of them.
        """
        held = opinions(self.judgements())
        agreed = [(*pair, bool(known.positive_by)) for pair, known in held.items() if known.agreed]
        schema = {"left": pl.String, "right": pl.String, "is_true": pl.Boolean}
        judged = pl.DataFrame(agreed, schema=schema, orient="row")
        refitted = refit(weights(self.workspace), self.store.read("matches"), judged)
        if refitted is None:
            raise NothingToDo(
                f"training takes {LEAST_OF_EITHER} judged matches of either kind, POSITIVE and NEGATIVE; "
                f"there are {judged.height} judged pairs in all; judge more: graphmatch judge A B positive --why …"
            )
        if keep:
            # The prior was fitted to the accounts, and will be again: from the shipped one, or it would drift.
            self.workspace.keep_trained(replace(default(), scales=refitted.model.scales).to_json())
        return refitted

    def resolve(self) -> Resolved:
        """Form Actors from Matches, under the journal's judgements."""
        resolved = resolve_actors(
            self.store.read("matches"),
            self.judgements(),
            threshold=self.settings.threshold,
            previous=self.store.read("actors"),
            accounts=self._accounts(),
        )
        self.store.replace("matches", resolved.matches)
        self.store.replace("actors", resolved.actors)
        return resolved

    def communities(self, ties: Ties | None = None, say: Say = lambda _: None) -> Followed:
        """Detect densely tied accounts and actors, hold them against chance, and follow them from the run before."""
        ties = ties or self.ties()
        found = search(ties, resolution=self._resolution(ties, say), seed=self.settings.seed)
        checked = against_chance(ties, found, seed=self.settings.seed)
        known = followed(checked, self.store.read("communities"))
        self.store.replace("communities", known.communities)
        return known

    def _resolution(self, ties: Ties, say: Say) -> float:
        """Take the resolution that was set, or choose one by how far searches with several seeds agree."""
        if self.settings.resolution is not None:
            return self.settings.resolution
        report = self.stability(ties)
        resolution = chosen(report)
        agreement = report.filter(pl.col("resolution") == resolution)["agreement"].first()
        if agreement is not None:
            say(f"resolution {resolution:g}: searches with three seeds agree on {agreement:.0%} of their pairs")  # type: ignore[str-bytes-safe]
        return resolution

    def stability(self, ties: Ties) -> pl.DataFrame:
        """Say how far searches with three seeds agree, at several resolutions."""
        first = self.settings.seed
        return stability(ties, seeds=(first, first + 1, first + 2))

    def ties(self) -> Ties:
        """Tie the accounts; ``layers`` says which keys were too common to tie anybody."""
        return tie(
            self._accounts(),
            self.store.read("actors"),
            self.store.read("reports"),
            self.store.read("contents"),
            self._sightings(),
            targets=self.store.read("targets"),
            bursts=self.store.read("bursts"),
        )

    def community_moves(self) -> pl.DataFrame:
        """Test which communities' members moved together."""
        found = moves(self.store.read("communities"), self.store.read("migrations"), seed=self.settings.seed)
        self.store.replace("community_moves", found)
        return found

    def migrations(self) -> pl.DataFrame:
        """Trace the moves of the actors between places."""
        found = trace(
            self.store.read("actors"),
            self._accounts(),
            self.store.read("enforcements"),
            self.store.read("reports"),
            self.store.read("contents"),
            self.store.read("matches"),
            self._sightings(),
            window=timedelta(days=self.settings.window_days),
        )
        self.store.replace("migrations", found)
        return found

    def timeline(self, migrations: pl.DataFrame) -> pl.DataFrame:
        """Lay out what is known of both accounts of each migration, in order of time."""
        return timeline(
            migrations,
            self._accounts(),
            self.store.read("enforcements"),
            self.store.read("reports"),
            self.store.read("contents"),
            self._sightings(),
        )

    def warnings(self, half_life_days: float = HALF_LIFE_DAYS, least: float | None = None) -> pl.DataFrame:
        """Rank accounts that nobody reported yet, tied to an account enforced against elsewhere; nothing is kept.

        Raises
        ------
        NothingToDo
            Nothing has been linked yet.
        """
        if not self.workspace.model.exists():
            raise NothingToDo("nothing has been linked yet, and a warning rests on links; run: graphmatch link")
        read = self.store.read
        return warn(
            self._accounts(),
            read("enforcements"),
            read("reports"),
            read("contents"),
            read("targets"),
            read("matches"),
            read("actors"),
            judgements=self.judgements(),
            half_life_days=half_life_days,
            least=least,
        )

    def flows(self, facet: Facet | None = None) -> pl.DataFrame:
        """Add the migrations up by platform, and say of each flow whether chance explains it."""
        matches = self.store.read("matches")
        return flows_against_chance(
            self._known(),
            self.migrations(),
            matches,
            weights(self.workspace) if matches.height else default(),
            facet=facet,
            settings=self.settings,
        )

    def coverage(self) -> pl.DataFrame:
        """Say of which platforms and weeks there are data at all."""
        known = self._known()
        return coverage(known.accounts, known.contents, known.reports, known.enforcements)

    def lag(self) -> Ledger:
        """List how long each stage took or has taken, from enforcement to action."""
        from graphmatch.release import shared  # noqa: PLC0415 - it brings the formats of bundles, which take long

        records = Journal(self.workspace.journal).records()
        attested = {str(record.body.get("sha256")): record.at for record in records if record.kind == "release"}
        released = shared(self.workspace.releases, attested)
        return lags(self._known(), self.migrations(), released.rows, window_days=self.settings.window_days)

    def _known(self) -> Known:
        """Read what questions about times start from."""
        others = {name: self.store.read(name) for name in ("enforcements", "reports", "contents", "targets")}
        return Known(accounts=self._accounts(), sightings=self._sightings(), **others)

    def reporters(self) -> Weighed:
        """Tell what became of each reporter's reports, and find bursts of reports."""
        found = weigh(self.store.read("reports"))
        self.store.replace("reporters", found.reporters)
        self.store.replace("bursts", found.bursts)
        return found

    def _accounts(self) -> pl.DataFrame:
        accounts = self.store.read("accounts")
        if accounts.is_empty():
            raise NothingToDo("there are no accounts yet; read some exports first: graphmatch ingest PATH…")
        return accounts

    def _sightings(self) -> pl.DataFrame:
        """Read the signals that nobody has taken back."""
        return in_force(self.store.read("sightings"))

    def _trained(self) -> Model | None:
        """Read what judgements taught, if anything."""
        if not self.workspace.trained.exists():
            return None
        return _model(self.workspace.trained, "graphmatch train, or go back with graphmatch train --forget")

    def judgements(self) -> pl.DataFrame:
        """Read what analysts said, as a table."""
        return Journal(self.workspace.journal).judgements()

    def after_ingest(self, say: Say = lambda _: None, progress: LinkProgress | None = None) -> None:
        """Do the rest of the line on what the store holds; each step's result is in the store."""
        weighed = self.reporters()
        say(f"reporters: {weighed.reporters.height:,}; bursts of reports: {weighed.bursts.height:,}")
        say(f"linked: {self.link(progress=progress).matches.height:,} matches")
        say(f"resolved: {self.resolve().actors.height:,} suspected actors")
        say(f"communities: {self.communities(say=say).communities.height:,}")
        say(f"migrations: {self.migrations().height:,}")
        say(f"communities that moved together: {self.community_moves()['moves_together'].sum():,}")
