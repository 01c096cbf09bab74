"""From the forms of roles to the model: who may do what, which acts need two people, which roles stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from fabrika.plant.acts import ACTS, ALONE
from fabrika.plant.document import Word
from fabrika.plant.draft import Draft
from fabrika.plant.forms import RoleForm
from fabrika.plant.model import Role
from fabrika.plant.roles import FIRST_SCREENS, SCREEN, usual_roles


def roles(draft: Draft) -> tuple[Role, ...]:
    """The roles of the file; none if it names none."""
    if draft.form.roles is None:
        return ()
    found = tuple(_role(draft, form) for form in draft.form.roles)
    allowed = frozenset(act for role in found for act in role.may)
    if "manage_people" not in allowed and not acts_lost(draft):
        wrong = "No role may manage people, so that nobody could ever get one."
        draft.findings.add(draft.form.key("roles"), wrong, "Add `manage_people` to the `may` of a role.")
    return found


def _role(draft: Draft, form: RoleForm) -> Role:
    may = _acts(draft, form.may)
    screen = form.first or SCREEN
    if screen not in FIRST_SCREENS:
        near = draft.findings.guesses.nearest(str(screen), FIRST_SCREENS)
        remedy = f"Write `{near[0]}`." if near else f"Write one of: {', '.join(FIRST_SCREENS)}."
        draft.findings.add(form.place("first"), f"`{str(screen)[:60]}` is not a first screen.", remedy)
        screen = SCREEN
    elif form.first is not None and may and FIRST_SCREENS[screen].act not in may and not acts_lost(draft):
        act = FIRST_SCREENS[screen].act
        wrong = f"The role `{form.id}` lands on `{screen}`, which it may not see."
        draft.findings.add(form.place("first"), wrong, f"Add `{act}` to its `may`, or write another screen.")
    return Role(str(form.id), frozenset(may), FIRST_SCREENS[screen].page, form.name)


def _acts(draft: Draft, words: Sequence[Word]) -> list[str]:
    """Those of some words that are acts, after noting the others and those that stand twice."""
    found: list[str] = []
    for word in words:
        if word not in ACTS:
            near = draft.findings.guesses.nearest(str(word), ACTS)
            remedy = f"Write `{near[0]}`." if near else f"Write one of: {', '.join(ACTS)}."
            draft.findings.add(word, f"`{str(word)[:60]}` is not an act.", remedy)
            draft.lost.names.add("may")
        elif word in found:
            draft.findings.add(word, f"`{word}` stands here twice.", "Keep one of them.")
        else:
            found.append(str(word))
    return found


def acts_lost(draft: Draft) -> bool:
    """Whether an act may be meant somewhere in ``roles`` that could not be read."""
    lost, form = draft.lost, draft.form
    if lost.touched("roles", "may") or "may" in lost.names or _roles_misnamed(draft):
        return True
    if any(word not in ACTS for role in form.roles or () for word in role.may):
        return True
    return any(lost.meant(role.at.where, "may") for role in form.roles or ())


def _roles_misnamed(draft: Draft) -> bool:
    return draft.form.roles is None and draft.lost.meant("", "roles")


def two_people(draft: Draft, found: tuple[Role, ...]) -> frozenset[str]:
    """Acts that need a second person, after noting those that nobody may do, or that nobody could approve."""
    acts = _acts(draft, draft.form.two_people)
    allowed = {act for role in found or usual_roles() for act in role.may}
    lost = acts_lost(draft)
    for word in {str(word): word for word in draft.form.two_people}.values():
        if word in ALONE:
            wrong = f"`{word}` changes nothing that a second person could approve."
            proposed = ", ".join(act for act in ACTS if act not in ALONE)
            draft.findings.add(word, wrong, f"Remove it; these can need two people: {proposed}.")
        elif word in acts and word not in allowed and not lost:
            wrong = f"No role may `{word}`, so that nobody could do it and nobody approve it."
            draft.findings.add(word, wrong, f"Add `{word}` to the `may` of a role, or remove it here.")
    return frozenset(acts)


def apart(draft: Draft, found: tuple[Role, ...]) -> tuple[tuple[str, str], ...]:
    """Pairs of roles that no person may hold both of; of a longer list every pair."""
    known = [role.id for role in found or usual_roles()]
    pairs: dict[frozenset[str], tuple[str, str]] = {}
    for words in draft.form.apart:
        for word in words:
            if word not in known and not (draft.lost.covers("roles", str(word)) or _roles_misnamed(draft)):
                draft.missing(word, f"There is no role `{word}`.", known, "roles")
        for first, second in combinations(words, 2):
            pair = frozenset((str(first), str(second)))
            if len(pair) == 1:
                draft.findings.add(second, f"`{second}` cannot be kept apart from itself.", "Name two different roles.")
            elif pair in pairs:
                draft.findings.add(second, f"`{first}` and `{second}` are kept apart twice.", "Keep one of them.")
            else:
                pairs[pair] = (str(first), str(second))
    return tuple(pairs.values())
