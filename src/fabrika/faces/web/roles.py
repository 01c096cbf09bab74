"""Who holds which roles, as the book has it; and who could give which act, which a refusal tells."""

from __future__ import annotations

from fabrika.faces.web.site import Site


def roles_of(site: Site, person: str | None) -> tuple[str, ...]:
    """Ids of the roles that a person holds now, in the plant file's order."""
    if person is None:
        return ()
    held = {role.role for role in site.service.states()["personnel"].held(person)}
    return tuple(role.id for role in site.service.plant.roles if role.id in held)


def persons_of(site: Site) -> dict[str, tuple[str, ...]]:
    """Everybody who belongs to the plant, with their roles."""
    persons = site.service.states()["personnel"].persons
    return {person: roles_of(site, person) for person, found in list(persons.items()) if found.left_us is None}


def holders_of(site: Site, act: str) -> tuple[str, ...]:
    """Everybody whose roles allow an act everywhere or somewhere, by id."""
    giving = {role.id for role in site.service.plant.roles if act in role.may}
    return tuple(sorted(person for person, roles in persons_of(site).items() if giving & set(roles)))


def roles_with(site: Site, act: str) -> tuple[str, ...]:
    """Names of the roles that allow an act."""
    return tuple(role.name or role.id for role in site.service.plant.roles if act in role.may)
