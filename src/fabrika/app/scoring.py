"""Scores a twin's book: the rooms follow the book, the run is made and told once more, and the two are compared."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from fabrika.app.plant_service import PlantService
from fabrika.app.twin_book import Begun, begun
from fabrika.app.twin_floor import Everybody
from fabrika.app.warm import ready
from fabrika.errors import StorageRefusedError
from fabrika.page import Asked
from fabrika.twin.pens import DAY_US

if TYPE_CHECKING:
    from fabrika.answers.score import Score, Truth
    from fabrika.answers.scored_trace import TraceScorer
    from fabrika.app.book_folder import BookFolder
    from fabrika.page import States
    from fabrika.plant.model import Plant
    from fabrika.twin.results import Period
    from fabrika.twin.retold import Retold
    from fabrika.twin.rota import Rota
    from fabrika.twin.tell_people import People
    from fabrika.twin.told_truth import ToldTruth

Phase = Literal["run", "told", "units", "asked"]
"""The run untold, told once more, unit by unit, and the questions."""
Progress = Callable[[Phase, float], None]
STEPS = 600_000
"""Steps of single units that are written down, or a few times as many: a step is one unit at one station."""
LOTS = 12
"""Lots, evenly from all, before whose middle units are followed, where not all of the period can be."""


def scored(plant: Plant, folder: BookFolder, progress: Progress | None = None) -> Score:
    """What the rooms know of a twin's book against the truth of its run.

    Args:
        plant: the plant file that the book was told from.
        folder: the twin's data folder; a server may be running on it.
        progress: called now and then with what is done, and the share of it in [0, 1]; may raise to stop.

    Raises:
        StorageRefusedError: it is no twin's book, of another plant file, or less than an hour was told.
        RunRefusedError: the plant cannot be run as it stands.
        TwinLimitError: the kernel met a limit of its own.
    """
    first = begun(folder)
    if first.plant.sha256 != plant.sha256:
        raise StorageRefusedError(
            "The book was told from another plant file.",
            f"Name the file with the SHA-256 {first.plant.sha256[:16]}..., of which `files/` in the data folder has a copy.",
        )
    ready()
    from fabrika.answers.score import told_until

    service = PlantService.following(folder)
    try:
        states = service.states()
    finally:
        service.close()
    until_us = told_until(states["production"], first.plant)
    if until_us is None or until_us <= first.begin_us:
        raise StorageRefusedError(
            "Less than an hour of the plant was told.", "Tell a longer period with `fabrika twin tell --days`."
        )
    return _Scoring(first, states, until_us, progress or (lambda _phase, _share: None)).score()


class _Followed(NamedTuple):
    """Stretches in which single units are known, us since 1970 UTC, and whether they are all of the period."""

    stretches: list[tuple[int, int]]
    whole: bool


class _Scoring:
    """One comparison, phase by phase."""

    def __init__(self, first: Begun, states: States, until_us: int, progress: Progress) -> None:
        from fabrika.twin.period import since

        self.first, self.plant, self.states, self.until_us = first, first.plant, states, until_us
        self.progress = progress
        self.period: Period = since(first.plant, first.begin_us, until_us - first.begin_us)

    def score(self) -> Score:
        """All of it."""
        from fabrika.answers.score import Score, counts_of, sound, stations_score
        from fabrika.answers.scored_balance import scored_balance
        from fabrika.answers.scored_mistakes import scored_mistakes
        from fabrika.answers.scored_recall import scored_recall
        from fabrika.answers.scored_stops import coded, downtimes
        from fabrika.answers.ways import ways

        truth = self._run()
        retold, people = self._told()
        production, genealogy = self.states["production"], self.states["genealogy"]
        names = truth.names.stations
        stations = stations_score(production, self.plant, truth)
        downtime = downtimes(genealogy, retold, names)
        balance = scored_balance(genealogy, ways(self.plant), retold, counts_of(truth))
        followed = self._stretches(truth)
        scorer = self._units(followed, retold)
        hours = sum(end - begin for begin, end in followed.stretches) / 3_600_000_000
        trace = scorer.score(hours, whole=followed.whole)
        recall = scored_recall(scorer, self._asked, partial(self.progress, "asked"))
        doubts = {(one.kind, one.station, one.at_us) for one in production.doubts.values()}
        return Score(
            from_us=truth.from_us,
            to_us=truth.to_us,
            sound=sound(stations, downtime, balance, trace, recall),
            exact=sum(row.exact for row in stations),
            of=len(stations),
            stations=stations,
            downtime=downtime,
            coded=coded(production, retold, names),
            balance=balance,
            trace=trace,
            recall=recall,
            mistakes=scored_mistakes(people.mistakes, doubts, self.until_us),
        )

    def _run(self) -> Truth:
        from fabrika.answers.score import Truth
        from fabrika.twin.replicate import layout, replicate

        figures = replicate(self.plant, self.period, self.first.seed, 0, progress=partial(self.progress, "run"))
        return Truth(self.first.begin_us, self.until_us, figures, layout(self.plant))

    def _told(self) -> tuple[Retold, ToldTruth]:
        """What was said, and what people truly did."""
        from fabrika.twin.retold import Retold
        from fabrika.twin.tell_on import told

        heard: list[Everybody] = []

        def listening(plant: Plant, rota: Rota, people: People) -> Everybody:
            heard.append(Everybody(plant, rota, people))
            return heard[-1]

        begin_us, length_us = self.first.begin_us, self.until_us - self.first.begin_us
        found = Retold(begin_us, self.until_us)
        for upto, said in told(self.plant, self.first.seed, begin_us, length_us / DAY_US, listening):
            found.hear(said)
            self.progress("told", min(1.0, (upto - begin_us) / length_us))
            if upto >= self.until_us:
                break
        return found, heard[-1].floor.truth(self.until_us)

    def _stretches(self, truth: Truth) -> _Followed:
        """Where single units are followed: everywhere if that is not much, else before the middle of some lots."""
        begin_us, until_us = self.first.begin_us, self.until_us
        steps = int(truth.figures.counts[:, 1].sum()) + 1
        if steps <= STEPS:
            return _Followed([(begin_us, until_us)], whole=True)
        middles = self._middles()
        wanted = middles[:: max(1, -(-len(middles) // LOTS))] or [until_us]
        length_us = max(1, STEPS * (until_us - begin_us) // steps // len(wanted) // 1_000_000) * 1_000_000
        found: list[tuple[int, int]] = []
        for middle in sorted(wanted):
            begin, end = max(begin_us, middle - length_us), min(middle, until_us)
            if found and begin <= found[-1][1]:
                found[-1] = found[-1][0], max(end, found[-1][1])
            elif begin < end:
                found.append((begin, end))
        return _Followed(found, whole=False)

    def _middles(self) -> list[int]:
        """When the middle unit of each lot left its line's last station."""
        from fabrika.answers.trace import at_counter, runs_of
        from fabrika.answers.ways import ways
        from fabrika.operations.genealogy.series import GOOD

        state, plan, found = self.states["genealogy"], ways(self.plant), []
        for name, lot in state.lots.items():
            station = plan.counting.get(lot.line, "")
            runs = runs_of(state, name, station)
            good = sum(end - begin for begin, end in runs)
            step = state.stations[station].series.of_unit(at_counter(runs, (good + 1) // 2), GOOD) if good else None
            if step is not None:
                found.append(step.to_us)
        return found

    def _units(self, followed: _Followed, retold: Retold) -> TraceScorer:
        from fabrika.answers.scored_trace import TraceScorer
        from fabrika.answers.ways import ways
        from fabrika.twin.units import follow

        units = follow(
            self.plant,
            self.period,
            self.first.seed,
            followed.stretches,
            progress=partial(self.progress, "units"),
        )
        return TraceScorer(
            self.states["genealogy"],
            ways(self.plant),
            units,
            retold,
            origin_us=self.period.origin_us,
            progress=partial(self.progress, "asked"),
        )

    def _asked(self, kind: str, subject: str) -> Asked:
        return Asked(
            at_us=self.until_us, position=0, plant=self.plant, edition=1, kind="twin", names={}, query={kind: subject}
        )
