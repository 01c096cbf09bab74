"""From the tree of words to forms: every key known, every value of its kind; what does not fit is set aside.

To find *all* problems in one go, what is wrong is noted, cut out of the tree, and the rest is read again; later checks
are told what was cut (:class:`Lost`), so that one mistake is not reported twice.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ValidationError

from fabrika.plant.document import HOLE, Branch, Row, Tree, Word
from fabrika.plant.findings import Findings
from fabrika.plant.forms import PlantForm
from fabrika.plant.quantities import Unreadable

LATER: Final = ("characteristics", "gauges", "skills", "maintenance", "documents")
TRIES: Final = 40
SUPPLIES: Final = "supplies["
"""Where lists of stations stand that are no stations."""


class Lost:
    """What was cut out of the tree, so that nothing is said to be missing that was there.

    Attributes:
        ids: list and id of things that are gone; ``cut_from`` these lists.
        lists: lists that lost things without an id, or are gone as a whole.
        keys: paths of keys that are gone; ``parents`` of their mappings, ``names`` the keys alone.
        holes: paths of keys that got a stand-in, because their mapping cannot do without.
        emptied: paths of lists that lost something.
        misnamed: by path of a mapping, the keys that its unknown ones may have been meant for; "" stands for any.
    """

    def __init__(self) -> None:
        self.ids: set[tuple[str, str]] = set()
        self.cut_from: set[str] = set()
        self.lists: set[str] = set()
        self.keys: set[str] = set()
        self.parents: set[str] = set()
        self.names: set[str] = set()
        self.holes: set[str] = set()
        self.emptied: set[str] = set()
        self.misnamed: dict[str, set[str]] = {}

    def note(self, parent: Tree, key: str | int, value: Any) -> None:
        """Remember a cut value."""
        if isinstance(parent, Row):
            name = "" if parent.where.startswith(SUPPLIES) else parent.where.rpartition(".")[2]
            known = value.get("id") if isinstance(value, Branch) else None
            if isinstance(known, Word) and known is not HOLE:
                self.ids.add((name, str(known)))
                self.cut_from.add(name)
            else:
                self.lists.add(name)
        else:
            self.keys.add(f"{parent.where}.{key}" if parent.where else str(key))
            self.parents.add(parent.where)
            self.names.add(str(key))
            if not parent.where.startswith(SUPPLIES) and (isinstance(value, (Row, Branch)) or str(key).endswith("s")):
                self.lists.add(str(key))

    def covers(self, name: str, known: str) -> bool:
        """Whether a thing of this id may have been in what was cut from this list."""
        return name in self.lists or (name, known) in self.ids

    def meant(self, where: str, *keys: str) -> bool:
        """Whether an unknown key of a mapping may have been meant for one of these."""
        return not self.misnamed.get(where, set()).isdisjoint(("", *keys))

    def touched(self, *names: str) -> bool:
        """Whether anything was cut from these lists."""
        return any(name in self.lists or name in self.cut_from for name in names)


def shape(tree: Tree, findings: Findings) -> tuple[PlantForm | None, Lost]:
    """The form of the whole file as far as it fits, after noting what does not."""
    lost = Lost()
    if not isinstance(tree, Branch):
        findings.add(tree, "The file is not a mapping.", "Begin it with `fabrika: 1`, then `plant:` and `lines:`.")
        return None, lost
    known = _Keys()
    for _ in range(TRIES):
        try:
            return PlantForm.model_validate(tree), lost
        except ValidationError as error:
            found: list[Any] = list(error.errors(include_url=False, include_input=False))
        nothing_left = False
        cuts: dict[tuple[int, str | int], tuple[Tree, str | int]] = {}
        for detail in found:
            target = _judge(tree, detail, findings, lost, known)
            if target is None:
                nothing_left = True
            else:
                cuts[id(target[0]), target[1]] = target
        if nothing_left:
            return None, lost
        _cut(list(cuts.values()), lost)
    return None, lost


def _judge(
    tree: Branch, detail: dict[str, Any], findings: Findings, lost: Lost, known: _Keys
) -> tuple[Tree, str | int] | None:
    """Note one error of pydantic, and say what to cut; None if nothing is left then."""
    chain, rest = _walk(tree, detail["loc"])
    parent, key = chain[-1] if chain else (tree, "")
    kind = detail["type"]
    if kind == "missing":
        holder = _at(parent, key) if chain else tree
        name = str(rest[-1])
        path = f"{holder.where}.{name}" if holder.where else name
        if path not in lost.keys:
            findings.add(holder, f"`{name}` is missing.", f"Add `{name}:`{_purpose(known, detail['loc'])}")
        if path in lost.holes or not isinstance(holder, Branch):
            return _whole(chain)
        lost.note(holder, name, None)
        lost.holes.add(path)
        holder[name] = _head() if path == "plant" else HOLE
        return holder, ""
    if not chain:
        findings.add(tree, "The file is not a plant.", "Begin it with `fabrika: 1`.")
        return None
    of_key = detail["loc"][-1] == "[key]" and isinstance(parent, Branch)
    value = parent.keys_at[str(key)] if of_key and isinstance(parent, Branch) else _at(parent, key)
    if value is HOLE:
        return _whole(chain[:-1])
    if kind == "too_short" and isinstance(value, Row) and value.where in lost.emptied:
        return parent, key
    if kind == "extra_forbidden":
        lost.misnamed.setdefault(parent.where, set()).update(
            _unknown_key(parent, str(key), detail["loc"], findings, known)
        )
    else:
        findings.add(value, *_message(kind, detail, value))
    return parent, key


def _walk(tree: Branch, loc: tuple[str | int, ...]) -> tuple[list[tuple[Tree, str | int]], list[str | int]]:
    """The (container, key) pairs along a location of pydantic, which also names branches of unions."""
    chain: list[tuple[Tree, str | int]] = []
    at: Any = tree
    rest: list[str | int] = []
    for step in loc:
        fits = (isinstance(at, Branch) and step in at) or (
            isinstance(at, Row) and isinstance(step, int) and step < len(at)
        )
        if fits:
            chain.append((at, str(step) if isinstance(at, Branch) else step))
            at = at[step]
            rest = []
        else:
            rest.append(step)
    return chain, rest


def _at(parent: Tree, key: str | int) -> Tree:
    """What stands under a key of a mapping, or at an index of a list."""
    found: Tree = parent[str(key)] if isinstance(parent, Branch) else parent[key]  # type: ignore[index,assignment]
    return found


def _head() -> Branch:
    """A stand-in for the plant's own keys."""
    head = Branch()
    head["name"] = HOLE
    return head


def _whole(chain: list[tuple[Tree, str | int]]) -> tuple[Tree, str | int] | None:
    """What to cut where a needed key is missing: the mapping that lacks it, unless nothing is left then."""
    if not chain or (chain[-1][0].where == "" and chain[-1][1] == "plant"):
        return None
    return chain[-1]


def _cut(targets: list[tuple[Tree, str | int]], lost: Lost) -> None:
    rows: dict[int, tuple[Row, set[int]]] = {}
    for parent, key in targets:
        if isinstance(parent, Branch) and str(key) in parent:
            lost.note(parent, key, parent.get(str(key)))
            parent.pop(str(key), None)
        elif isinstance(parent, Row) and isinstance(key, int):
            lost.note(parent, key, parent[key])
            rows.setdefault(id(parent), (parent, set()))[1].add(key)
    for row, gone in rows.values():
        row[:] = [item for index, item in enumerate(row) if index not in gone]
        lost.emptied.add(row.where)


def _message(kind: str, detail: dict[str, Any], value: Any) -> tuple[str, str]:
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, Unreadable):
        return cause.wrong, cause.remedy
    if isinstance(value, Word) and value.empty:
        return "The value is empty.", "Write a value, or remove the key."
    if kind == "list_type":
        return "This should be a list.", "Write `[a, b]`, or items that begin with `- `."
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return "This should be a mapping.", "Write `{key: value}`, or keys on lines of their own."
    if kind == "too_short":
        least = detail["ctx"]["min_length"]
        return "The list has too few items.", f"Write at least {least}, or remove the key."
    if kind == "too_long":
        return "The list has too many items.", f"Write at most {detail['ctx']['max_length']}."
    return "The value does not fit here.", "Look the key up with `fabrika schema`."


def _unknown_key(parent: Tree, key: str, loc: tuple[Any, ...], findings: Findings, known: _Keys) -> list[str]:
    """Note an unknown key; the keys that may have been meant by it, "" for any."""
    place = parent.keys_at[key] if isinstance(parent, Branch) else parent
    short = key if len(key) <= 60 else key[:57] + "..."
    if key in LATER:
        findings.add(place, f"`{key}` belongs to a later version of this file.", "Remove it for now.")
        return []
    keys = known.of(loc[:-1])
    near = findings.guesses.nearest(key, keys)
    wrong = f"`{short}` is not a key here."
    remedy = f"Write `{near[0]}`, or remove it." if near else f"Use one of: {', '.join(keys)}."
    findings.add(place, wrong, remedy)
    return near or [""]


def _purpose(known: _Keys, loc: tuple[Any, ...]) -> str:
    text = known.purpose(loc)
    return f" ({text.rstrip('.')})." if text else "."


class _Keys:
    """Which keys a place of the file takes, found by walking the forms."""

    def of(self, loc: tuple[Any, ...]) -> list[str]:
        form = self.form(loc)
        return [field.alias or name for name, field in form.model_fields.items()] if form else []

    def purpose(self, loc: tuple[Any, ...]) -> str:
        form = self.form(loc[:-1])
        if form is None:
            return ""
        fields = {field.alias or name: field for name, field in form.model_fields.items()}
        field = fields.get(str(loc[-1]))
        return (field.description or "") if field else ""

    def form(self, loc: tuple[Any, ...]) -> type[BaseModel] | None:
        form: type[BaseModel] | None = PlantForm
        for step in loc:
            if form is None:
                return None
            fields = {field.alias or name: field for name, field in form.model_fields.items()}
            if step in fields:
                form = _inner(fields[step].annotation) or form
        return form


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The form inside a list, an optional or a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _inner(part)
        if found is not None:
            return found
    return _inner(annotation.__origin__) if hasattr(annotation, "__metadata__") else None
