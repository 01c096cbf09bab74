"""Whether another edition of the plant file would break what is under way: open lots, roles that are held, stock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fabrika.plant.difference import Difference
from fabrika.plant.model import Plant
from fabrika.plant.renaming import Names, ids_of
from fabrika.plant.roles import acts_of, role_of, roles_of
from fabrika.plant.things import KINDS_OF_THINGS
from fabrika.wording import Worded

SHARED = {"stores": "lines", "supplies": "outages"}
"""Lists that have their ids in common."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an edition cannot be put in force.

    Attributes:
        wrong: what stands in the way, one sentence.
        remedy: what to do about it and who can, one sentence.
    """

    wrong: Worded
    remedy: Worded


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot that is being made."""

    lot: str
    product: str
    line: str


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that a person holds, everywhere or in one area."""

    person: str
    role: str
    area: str | None = None


@dataclass(frozen=True, slots=True)
class HeldStock:
    """What the book holds of a thing of the file: ``kind`` is its list (``materials``, ``locations``, ``containers``)."""

    kind: str
    id: str
    subject: str


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What is under way, under the ids of the edition in force."""

    lots: tuple[OpenLot, ...] = ()
    roles: tuple[HeldRole, ...] = ()
    stock: tuple[HeldStock, ...] = ()


def breaks(found: Difference, work: OpenWork) -> tuple[Reason, ...]:
    """Why the new edition would break open work; nothing if it would not."""
    return tuple(_identity(found)) or (*_lots(found, work), *_roles(found, work), *_stock(found, work))


def _identity(found: Difference) -> Iterator[Reason]:
    old, new = found.old.id, found.new.id
    if old != new:
        yield Reason(
            Worded("This is the plant {new}, and the book is that of {old}.", new=new, old=old),
            Worded("Write `id: {old}` under `plant`; a plant keeps its id for ever.", old=old),
        )


def who(plant: Plant, act: str) -> str:
    """The roles that may do something, as words."""
    return ", ".join(role.id for role in roles_of(plant) if act in role.may)


def _lots(found: Difference, work: OpenWork) -> Iterator[Reason]:
    remedy = Worded(
        "Close the lot first ({roles}), or leave the file as it is there until then.",
        roles=who(found.old, "report_production"),
    )
    kinds = ids_of(found.old)["stations"]
    today = ids_of(found.new)["stations"]
    for lot in work.lots:
        if found.names.now("lines", lot.line) is None:
            yield Reason(Worded("Lot {lot} is open on line {line}, which goes.", lot=lot.lot, line=lot.line), remedy)
            continue
        if found.names.now("products", lot.product) is None and lot.product in {item.id for item in found.old.products}:
            wrong = Worded("Lot {lot} is open with product {product}, which goes.", lot=lot.lot, product=lot.product)
            yield Reason(wrong, remedy)
        for station in [path for path in kinds if path.startswith(f"{lot.line}.")]:
            now = found.names.now("stations", station)
            if now is None:
                wrong = Worded(
                    "Lot {lot} is open, and station {station} of its line goes.", lot=lot.lot, station=station
                )
                yield Reason(wrong, remedy)
            elif today[now] != kinds[station]:
                wrong = Worded(
                    "Lot {lot} is open, and station {station} of its line becomes another kind, {kind}.",
                    lot=lot.lot,
                    station=station,
                    kind=Worded(today[now]),
                )
                yield Reason(wrong, remedy)


def _stock(found: Difference, work: OpenWork) -> Iterator[Reason]:
    """Materials, locations and kinds of containers of which the book holds something and that go, or get another id."""
    before = ids_of(found.old)
    seen: set[tuple[str, str]] = set()
    for item in work.stock:
        if (item.kind, item.id) in seen or item.id not in before[item.kind]:
            continue
        seen.add((item.kind, item.id))
        if found.names.now(item.kind, item.id) != item.id:
            yield Reason(
                Worded(
                    "{subject} is in stock, and its {kind} {path} goes or gets another id.",
                    subject=item.subject,
                    kind=KINDS_OF_THINGS[item.kind],
                    path=item.id,
                ),
                Worded(
                    "Use it up or move it first ({roles}), or leave the file as it is there until then.",
                    roles=who(found.old, "move_stock"),
                ),
            )


def _roles(found: Difference, work: OpenWork) -> Iterator[Reason]:
    """Roles that are held and go, areas likewise, roles to be kept apart from now on, and nobody left for the roles."""
    remedy = Worded("Give or withdraw the role first ({roles}).", roles=who(found.old, "manage_people"))
    held: dict[str, list[str]] = {}
    areas = {area.id for area in found.old.areas}
    for item in work.roles:
        now = role_of(found.new, item.role)
        held.setdefault(item.person, []).append(now.id if now is not None else item.role)
        if now is None and role_of(found.old, item.role) is not None:
            wrong = Worded("{person} holds the role {role}, which goes.", person=item.person, role=item.role)
            yield Reason(wrong, remedy)
        if item.area is not None and item.area in areas and found.names.now("areas", item.area) is None:
            wrong = Worded(
                "{person} holds the role {role} in area {area}, which goes.",
                person=item.person,
                role=item.role,
                area=item.area,
            )
            yield Reason(wrong, remedy)
    for person, roles in held.items():
        for first, second in found.new.apart:
            if first in roles and second in roles:
                wrong = Worded(
                    "{person} holds {first} and {second}, which are to be kept apart.",
                    person=person,
                    first=first,
                    second=second,
                )
                yield Reason(wrong, remedy)
    yield from _nobody_left(found, work, held)


def _nobody_left(found: Difference, work: OpenWork, held: dict[str, list[str]]) -> Iterator[Reason]:
    before = acts_of(found.old, (item.role for item in work.roles))
    after = acts_of(found.new, (role for roles in held.values() for role in roles))
    if "manage_people" in before and "manage_people" not in after:
        yield Reason(
            Worded("Nobody who holds a role could manage people any more."),
            Worded(
                "Give one of these roles to somebody first ({roles}), or leave `manage_people` where it is.",
                roles=who(found.new, "manage_people"),
            ),
        )


def reused(earlier: Sequence[Plant], new: Plant) -> tuple[Reason, ...]:
    """Ids of the new edition that once meant something else; the book would confound the two.

    A thing that went may come back under its id, if it is of the same kind and does not live on under another id.

    Args:
        earlier: all editions so far, the first one first.
    """
    lives = _Lives()
    for old, now in zip(earlier, [*earlier[1:], new], strict=True):
        lives.go_on(old, now)
    return tuple(lives.confounded)


class _Lives:
    """Who has borne which id, edition by edition; ``confounded`` is told of the last one."""

    def __init__(self) -> None:
        self.now: dict[tuple[str, str], int] = {}
        self.gone: dict[tuple[str, str], tuple[int, str]] = {}
        self.confounded: list[Reason] = []
        self._born = 0

    def go_on(self, old: Plant, new: Plant) -> None:
        """From one edition to the next."""
        names, before, after = Names(old, new), ids_of(old), ids_of(new)
        self.confounded = []
        bearers: dict[tuple[str, str], int] = {}
        for kind in before:
            for path in before[kind]:
                self.now.setdefault((_space(kind), path), self._next())
        alive = {
            self.now[_space(kind), path]
            for kind in before
            for path in before[kind]
            if names.now(kind, path) is not None
        }
        for kind, paths in after.items():
            for path, what in paths.items():
                was = names.before(kind, path)
                bearer = self.now[_space(kind), was] if was is not None else None
                bearers[_space(kind), path] = self._taken(kind, path, what, bearer, alive)
        for kind in before:
            for path, what in before[kind].items():
                key = (_space(kind), path)
                if bearers.get(key) != self.now[key]:
                    self.gone[key] = (self.now[key], what)
        self.now = bearers

    def _taken(self, kind: str, path: str, what: str, bearer: int | None, alive: set[int]) -> int:
        """Who bears an id in the new edition, after noting that it was somebody else's."""
        once, today = self.gone.get((_space(kind), path)), self.now.get((_space(kind), path), bearer)
        if today == bearer and (once is None or once[0] == bearer):
            return self._next() if bearer is None else bearer
        if today == bearer and bearer is None and once is not None and once[0] not in alive and once[1] == what:
            return once[0]
        self.confounded.append(
            Reason(
                Worded(
                    "The id {path} ({kind}) meant something else in an earlier edition.",
                    path=path,
                    kind=KINDS_OF_THINGS[kind],
                ),
                Worded("Give it an id that was never used."),
            )
        )
        return self._next() if bearer is None else bearer

    def _next(self) -> int:
        self._born += 1
        return self._born


def _space(kind: str) -> str:
    return SHARED.get(kind, kind)
