"""What a request was answered before: the same key again gets the same answer, and does nothing."""

from __future__ import annotations

from fabrika.app.requests import Request
from fabrika.app.service_answers import Done
from fabrika.errors import IdentityConflictError
from fabrika.events.house import ActProposed, ReportRefused
from fabrika.journal.book import Draft
from fabrika.journal.entries import Fact
from fabrika.wording import Worded, restored


def done_before(draft: Draft, request: Request) -> Done | None:
    """The answer that this request got before, None if it is new.

    Raises:
        IdentityConflictError: the key came before, with other content.
    """
    facts: list[Fact] = []
    while (fact := draft._look(request.key._replace(sequence=len(facts)))) is not None:  # noqa: SLF001
        facts.append(fact)
    if not facts:
        return None
    if facts[0].message.request != request.digest:
        raise IdentityConflictError(
            Worded("This form was sent before with other content."),
            Worded("Open the page again and fill the form in once more."),
        )
    event = facts[0].event
    refused = restored(event.worded, (event.problem, event.remedy)) if isinstance(event, ReportRefused) else None
    return Done(
        positions=tuple(fact.position for fact in facts),
        size=facts[-1].position + 1,
        proposal=event.proposal if isinstance(event, ActProposed) else None,
        refused=refused,
    )
