"""What the twin says of the plant: the proof of its contract, and what a change would do."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from msgspec import Struct

from fabrika.errors import ChangeRefusedError, UnknownParameterError
from fabrika.page import Asked, Page, States
from fabrika.plant import parameters
from fabrika.plant.model import Plant
from fabrika.plant.quantities import text_of
from fabrika.twin.proof_result import Estimate
from fabrika.wording import Worded

MOST_CHANGES = 3
"""Changes that are tried together."""


class Work(Struct, frozen=True, kw_only=True):
    """How far something is that takes a while.

    Attributes:
        state: ``waiting`` for its turn, ``running``, ``done`` or ``failed``.
        since_us: since when; None for what was computed before.
        stage: what is done now, in words; empty while that is not known.
        done, total: pieces of the stage; ``total`` may still grow.
        result: a :class:`~fabrika.twin.proof_result.ProofResult` or a :class:`~fabrika.twin.trial.Trial`; of a trial also
            while it runs, as far as it is known.
        first: of a proof the first honest answer, which the rest of its time sharpens.
        problem, remedy: why it failed, and what to do.
    """

    state: Literal["waiting", "running", "done", "failed"]
    since_us: int | None = None
    stage: str = ""
    done: int = 0
    total: int = 0
    result: Any = None
    first: Estimate | None = None
    problem: str = ""
    remedy: str = ""


class Prover(Protocol):
    """Computes proofs; under ``proofs`` among the states. Asking never waits."""

    def proof(self, plant: Plant) -> Work:
        """The proof of a plant as far as it is known; begun if it was not."""
        ...

    def trial(self, plant: Plant, changed: Plant) -> Work:
        """What a change does, as far as it is known; begun if it was not."""
        ...


class ProofView(Struct, frozen=True, kw_only=True):
    """The proof of the plant file in force.

    Attributes:
        edition, file: of the plant file that is proved.
        work: how far it is; its result is the proof.
    """

    position: int
    edition: int
    file: str
    work: Work


class LeverChoice(Struct, frozen=True, kw_only=True):
    """Something that the plant file says may be changed.

    Attributes:
        path: the parameter.
        today: its value as text.
        suggested: the far end of the lever as text.
        cost: of the whole way in ``currency``; None if the file states none.
    """

    id: str
    name: str
    path: str
    today: str
    suggested: str
    cost: float | None
    currency: str


class ParameterChoice(Struct, frozen=True, kw_only=True):
    """A number of the plant: its path, today's value as text, and what it is."""

    path: str
    today: str
    about: str


class TrialView(Struct, frozen=True, kw_only=True):
    """A change and what it does.

    Attributes:
        changes: path, today's value and the value that is tried, as text.
        levers: what the plant file says may be changed.
        parameters: every number that can be changed.
        work: how far it is; None if nothing was asked yet, or what was asked cannot be tried.
        problem, remedy: why it cannot be tried; empty if it can.
    """

    position: int
    edition: int
    changes: tuple[tuple[str, str, str], ...]
    levers: tuple[LeverChoice, ...]
    parameters: tuple[ParameterChoice, ...]
    work: Work | None = None
    problem: str = ""
    remedy: str = ""


def proof(states: States, asked: Asked) -> ProofView:
    """Build the page of the proof."""
    prover: Prover = states["proofs"]
    plant = asked.plant
    return ProofView(position=asked.position, edition=asked.edition, file=plant.sha256, work=prover.proof(plant))


def trial(states: States, asked: Asked) -> TrialView:
    """Build the page of a change; it is tried as soon as it is asked for."""
    prover: Prover = states["proofs"]
    plant = changed = asked.plant
    tried: list[tuple[str, str, str]] = []
    problem = remedy = ""
    for path, value in _wanted(asked):
        try:
            today = parameters.parameter(plant, path).text
            changed = parameters.replace(changed, path, value)
        except (UnknownParameterError, ChangeRefusedError) as error:
            problem, remedy = error.problem, error.remedy
            today = ""
        tried.append((path, today, value))
    begun = bool(tried) and not problem
    return TrialView(
        position=asked.position,
        edition=asked.edition,
        changes=tuple(tried),
        levers=_levers(plant),
        parameters=tuple(
            ParameterChoice(path=found.path, today=found.text, about=found.about)
            for found in parameters.parameters(plant)
        ),
        work=prover.trial(plant, changed) if begun else None,
        problem=problem,
        remedy=remedy,
    )


def _wanted(asked: Asked) -> list[tuple[str, str]]:
    """The changes asked for: ``path`` and ``value``, ``path2`` and ``value2``, and so on; a lever stands for its path."""
    by_id = {lever.id: lever.path for lever in asked.plant.levers}
    found = []
    for number in range(1, MOST_CHANGES + 1):
        ending = "" if number == 1 else str(number)
        path, value = asked.query.get(f"path{ending}", "").strip(), asked.query.get(f"value{ending}", "").strip()
        if path and value:
            found.append((by_id.get(path, path)[:300], value[:200]))
    return found


def _levers(plant: Plant) -> tuple[LeverChoice, ...]:
    rows = []
    for lever in plant.levers:
        today = parameters.parameter(plant, lever.path)
        ends = lever.ends(today.value)
        rows.append(
            LeverChoice(
                id=lever.id,
                name=lever.name or lever.id,
                path=lever.path,
                today=today.text,
                suggested=text_of(ends[-1], today.dimension) if ends else today.text,
                cost=lever.cost,
                currency=lever.currency,
            )
        )
    return tuple(rows)


PAGES: tuple[Page, ...] = (
    Page(
        name="answers.proof",
        path="/proof",
        title=Worded("Proof"),
        act="see_plant",
        build=proof,
        minds=("try_changes",),
    ),
    Page(name="answers.trial", path="/proof/try", title=Worded("Try a change"), act="try_changes", build=trial),
)
