"""What a request says, checked against the models; long lists in slices."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from webfail2ban.api.models import Fault, Parameters
from webfail2ban.api.refusal import SENTENCES, RefusalError, explain, refuse
from webfail2ban.turns import give_way

Model = TypeVar("Model", bound=BaseModel)

#: Bytes of a JSON body: a thousand bans fit, and reading it takes about a millisecond.
LONGEST_BODY = 256 * 1024

#: Bytes of an import: some three million bans.
LONGEST_IMPORT = 512 * 2**20

#: Bytes that are taken from a body at once.
PIECE = 32 * 1024

#: Items of a list that are checked at once: some 8 microseconds each.
SLICE = 25

JSON = "application/json"


def read_parameter(name: str, adapter: TypeAdapter[Any], text: str) -> Any:
    """Read a parameter of the path.

    Raises:
        RefusalError: it isn't what it should be.
    """
    try:
        return adapter.validate_python(text)
    except ValidationError as error:
        raise refuse(explain(error, name)) from None


def read_query(model: type[Parameters], args: MultiDict[str, str]) -> Parameters:
    """Read what stands behind the question mark.

    Raises:
        RefusalError: it isn't what it should be, or says something twice.
    """
    doubles = [name for name, values in args.lists() if len(values) > 1]
    if doubles:
        raise refuse([Fault(where=f"query.{name}", message="is there twice") for name in doubles])
    try:
        return model.model_validate(args.to_dict())
    except ValidationError as error:
        raise refuse(explain(error, "query")) from None


def refuse_query(args: MultiDict[str, str]) -> None:
    """Refuse parameters where there are none.

    Raises:
        RefusalError: there is one.
    """
    if args:
        message = SENTENCES["extra_forbidden"]
        raise refuse([Fault(where=f"query.{name}", message=message) for name in args])


def read_body(model: type[Model], request: Request) -> Model:
    """Read a JSON body.

    Raises:
        RefusalError: it is none, too long, or isn't what it should be.
    """
    check_type(request, (JSON,))
    body = b"".join(_read_up_to(request, LONGEST_BODY))
    try:
        data = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise RefusalError(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from None
    return _validate(model, data)


def read_pieces(request: Request, types: tuple[str, ...]) -> Iterator[bytes]:
    """Yield a body as it arrives.

    Raises:
        RefusalError: it is of another type.
        RequestEntityTooLarge: it is too long, once that many bytes have come.
    """
    check_type(request, types)
    return _read_up_to(request, LONGEST_IMPORT)


def _read_up_to(request: Request, limit: int) -> Iterator[bytes]:
    """Yield a body in pieces.

    Raises:
        RequestEntityTooLarge: it is longer than the limit.
    """
    # Werkzeug ends a body in chunks without a word where its limit is: one more byte tells.
    request.max_content_length = limit + 1
    length = 0
    while piece := request.stream.read(PIECE):
        length += len(piece)
        if length > limit:
            raise RequestEntityTooLarge
        yield piece


def check_type(request: Request, types: tuple[str, ...]) -> None:
    """Refuse a body of another media type.

    Raises:
        RefusalError: it is of another type.
    """
    if request.mimetype not in types:
        wanted = " or ".join(types)
        raise RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body must be {wanted}")


def _validate(model: type[Model], data: Any) -> Model:
    """Check data; a long list in it slice by slice.

    Raises:
        RefusalError: it isn't what it should be.
    """
    name = _longest_list(data)
    if name is None or len(data[name]) > _limit(model, name):
        return _validate_part(model, data)
    items = data[name]
    parts = []
    for start in range(0, len(items), SLICE):
        part = {**data, name: items[start : start + SLICE]}
        parts.append(_validate_part(model, part, name, start))
        give_way()
    whole = tuple(item for part in parts for item in getattr(part, name))
    return parts[0].model_copy(update={name: whole})


def _validate_part(model: type[Model], data: Any, name: str = "", start: int = 0) -> Model:
    """Check data; `start` is where the part of the list `name` begins that is in it."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = explain(error, "body", lambda place: _shift(place, name, start))
        raise refuse(faults) from None


def _shift(place: Sequence[int | str], name: str, start: int) -> Sequence[int | str]:
    """Return where in the whole list something stands."""
    match place:
        case (first, int(index), *rest) if first == name:
            return (first, start + index, *rest)
    return place


def _longest_list(data: Any) -> str | None:
    """Return the name of a list that takes slices."""
    if not isinstance(data, dict):
        return None
    return next(
        (name for name, value in data.items() if isinstance(value, list) and len(value) > SLICE),
        None,
    )


def _limit(model: type[BaseModel], name: str) -> int:
    """Return how many items a model's list may have; 0 if there is no such list."""
    field = model.model_fields.get(name)
    found = field.metadata if field is not None else ()
    return next((part.max_length for part in found if hasattr(part, "max_length")), 0)
