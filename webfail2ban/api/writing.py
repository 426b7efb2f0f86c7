"""An answer's model to JSON, long lists in slices."""

from webfail2ban.api.models import Answer
from webfail2ban.turns import give_way

#: Items of a list that are written at once: some 5 microseconds each.
SLICE = 25


def write(answer: Answer) -> str:
    """Return an answer as JSON, letting others have their turn between two slices."""
    long = {
        name
        for name, value in answer
        if isinstance(value, tuple) and len(value) > SLICE and isinstance(value[0], Answer)
    }
    if not long:
        return answer.model_dump_json()
    parts = [f'"{name}":[{_write_items(getattr(answer, name))}]' for name in sorted(long)]
    rest = answer.model_dump_json(exclude=long)[1:-1]
    return "{" + ",".join([*parts, *([rest] if rest else [])]) + "}"


def _write_items(items: tuple[Answer, ...]) -> str:
    written: list[str] = []
    for number, item in enumerate(items, 1):
        written.append(item.model_dump_json())
        if number % SLICE == 0:
            give_way()
    return ",".join(written)
