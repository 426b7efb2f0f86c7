"""The table of operations: what a handler's signature says, for routes and document alike.

A handler is a function of a `Panel`, of path parameters by their names, and of what it needs of
``query`` (a `Parameters`), ``body`` (a `Request`) or ``pieces`` (the body as it arrives). What it
returns is the answer: an `Answer`, or pieces of bytes.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter

from webfail2ban.api.models import Answer, Parameters, Request
from webfail2ban.control import Control
from webfail2ban.health.standing import Standing

Handler = TypeVar("Handler", bound=Callable[..., Any])

#: Names of a handler's arguments that are no path parameters.
PANEL, QUERY, BODY, PIECES = "panel", "query", "body", "pieces"

#: What a handler returns that gives pieces of bytes.
PIECES_OUT = Iterator[bytes]

#: Everything stands below this.
PREFIX = "/v1"


@dataclass(frozen=True, slots=True)
class Panel:
    """What handlers reach for."""

    control: Control
    standing: Standing


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a client can do.

    Attributes:
        method: The HTTP method.
        path: Its path, with parameters in braces.
        handler: Does it.
        parameters: The path's parameters: what reads each.
        query: The model of the query; None if it takes none.
        body: The model of the body; None if it takes none, or pieces.
        answer: The model of the answer; None if it is pieces of bytes.
        takes: The media types of a body that is taken in pieces.
        gives: The media types of an answer in pieces.
        refusals: Statuses that it may answer with besides those of all operations.
    """

    method: str
    path: str
    handler: Callable[..., Any]
    parameters: dict[str, TypeAdapter[Any]]
    query: type[Parameters] | None
    body: type[Request] | None
    answer: type[Answer] | None
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    refusals: tuple[HTTPStatus, ...] = ()

    @property
    def name(self) -> str:
        """Its name: the handler's."""
        return self.handler.__name__

    @property
    def changes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Table:
    """Operations, filled in by decorated handlers."""

    operations: list[Operation] = field(default_factory=list)

    def add(
        self,
        method: str,
        path: str,
        *,
        takes: Sequence[str] = (),
        gives: Sequence[str] = (),
        refusals: Sequence[HTTPStatus] = (),
    ) -> Callable[[Handler], Handler]:
        """Add the decorated handler."""

        def decorate(handler: Handler) -> Handler:
            hints = get_type_hints(handler, include_extras=True)
            answer = hints.pop("return")
            names = [name for name in inspect.signature(handler).parameters if name != PANEL]
            parameters = {
                name: TypeAdapter(hints[name])
                for name in names
                if name not in {QUERY, BODY, PIECES}
            }
            self.operations.append(
                Operation(
                    method,
                    PREFIX + path,
                    handler,
                    parameters,
                    hints.get(QUERY),
                    hints.get(BODY),
                    None if answer == PIECES_OUT else answer,
                    tuple(takes),
                    tuple(gives),
                    tuple(refusals),
                )
            )
            return handler

        return decorate
