"""A request that can't be done, with the status that says why."""

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus

from pydantic import ValidationError

from webfail2ban.api.models import Fault, ProblemDetails
from webfail2ban.errors import WebFail2BanError

#: Pydantic's word for a value that isn't null where it may be left out, which nobody asked about.
NOT_LEFT_OUT = "none_required"

#: What is said of something that isn't looked at any further, by pydantic's type of error.
SENTENCES = {"extra_forbidden": "is no parameter", "missing": "is missing"}

#: What pydantic's labels of a union's parts have, and no name of a field has.
LABEL = re.compile(r"[\[-]")

#: Names and numbers that lead to something.
Place = Sequence[int | str]

#: Faults that are listed; a list of a thousand mistakes helps nobody.
MOST_FAULTS = 20


class RefusalError(WebFail2BanError):
    """A request that is refused.

    Attributes:
        status: The HTTP status.
        detail: What is wrong, one sentence.
        faults: Everything that is wrong.
        headers: What to say besides.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        faults: Sequence[Fault] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = tuple(headers)

    def __str__(self) -> str:
        """Say what is wrong."""
        return self.detail

    @property
    def problem(self) -> ProblemDetails:
        """What the client is told."""
        return ProblemDetails(
            title=self.status.phrase,
            status=self.status.value,
            detail=self.detail,
            faults=self.faults,
        )


def refuse(faults: Sequence[Fault]) -> RefusalError:
    """Make the refusal of a request that doesn't say what it should."""
    first = faults[0]
    detail = f"{first.where}: {first.message}" if first.where else first.message
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, detail + more, faults[:MOST_FAULTS])


def explain(
    error: ValidationError,
    where: str = "",
    translate: Callable[[Place], Place] = tuple,
) -> list[Fault]:
    """Say what is wrong in what a model was given.

    Args:
        error: What the model says.
        where: What stands in front of the fields' names.
        translate: Turns the model's place of a fault into the client's.
    """
    faults = [
        Fault(
            where=".".join([*([where] if where else []), *_names(translate(detail["loc"]))]),
            message=SENTENCES.get(detail["type"]) or detail["msg"].removeprefix("Value error, "),
        )
        for detail in error.errors(include_url=False, include_context=False, include_input=False)
        if detail["type"] != NOT_LEFT_OUT
    ]
    return list(dict.fromkeys(faults))


def _names(place: Place) -> list[str]:
    """Return a place without pydantic's own labels, such as ``constrained-str``."""
    return [str(part) for part in place if not LABEL.search(str(part))]
