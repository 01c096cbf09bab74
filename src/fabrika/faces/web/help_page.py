"""Help: what a role's first screen shows, what the signs mean, and what the person may do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from fabrika.faces.language import message, say
from fabrika.faces.report import terms
from fabrika.faces.web.pages import first_path
from fabrika.faces.web.visit import visit_of

SHOWS = {
    "answers.board": message(
        "The board shows every line and station, and beside them what needs a person, the most urgent first. All is well "
        "while it is grey. Choose a station to see its last day."
    ),
    "answers.attention": message(
        "What needs a person, by priority and age. Each entry says what is the matter, what to do, and who can do it."
    ),
    "production.lines": message(
        "Your lines and their stations. Choose a station to see why it stands; one tap says the reason of a stop."
    ),
    "production.orders": message(
        "Orders with what was made of them, and lots. Release an order, open its next lot; a lot's number follows the plant's "
        "template."
    ),
    "answers.proof": message(
        "The proof: with which chance the plant makes what its contract promises, what stands in the way, and what would "
        "help. Try a change to see what it would bring."
    ),
    "answers.journal": message(
        "The journal holds everything that happened; nothing in it can be changed unnoticed. The checkpoint signs all "
        "entries so far: keep it, and any later change of them will show."
    ),
    "production.works": message(
        "The stations at which somebody works: sign on, report good units and scrap, say why a station stands, stop it for safety."
    ),
    "inventory.stock": message(
        "Stock by lot, container and location. Scan a label to see what it is and what comes next; what expires first goes first."
    ),
    "inventory.stocktaking": message(
        "Stocktaking: a location is counted by somebody who did not move its stock and is not told what the book holds."
    ),
    "answers.trace": message(
        "Look for anything that has a number: from a unit to all that went into it, and on to all it reached."
    ),
    "answers.recall": message(
        "Everything that a lot, material, container, person, tool or time can have touched, with its balance; print it as it is."
    ),
    "answers.balance": message("Whether every unit is accounted for, by lot and by shift, and where it is not."),
    "documents.documents": message(
        "Work instructions and forms: what is in force, what waits for approval, and who must read again."
    ),
    "personnel.people": message(
        "Persons, their roles and what the roles allow. Proposals wait here for a second person."
    ),
    "editions.plant": message("The plant file in force, and every edition before it with what it changed."),
}
"""What each first screen is for."""

SIGNS = ("processing", "setup", "planned", "blocked", "starved", "down", "waiting", "off_shift", "no_order")
"""States whose signs are explained."""


def show(request: HttpRequest) -> HttpResponseBase:
    """Help for who asks."""
    from fabrika.app.sitemap import PAGES
    from fabrika.faces.web.render import page

    visit = visit_of(request)
    first = first_path(visit)
    own = next((found for found in PAGES if found.path == first), PAGES[0])
    pages = [found for found in PAGES if found.name in SHOWS and visit.can(found.act)]
    pages.sort(key=lambda found: found.name != own.name)
    shown = [(found.path, say(found.title), say(SHOWS[found.name])) for found in pages]
    signs = [(state, terms.words(state), terms.means(state)) for state in SIGNS]
    return HttpResponse(page("help.html.j2", request, pages=shown, signs=signs, acts=sorted(visit.may)))
