"""Many bans at once: export and import, streamed both ways."""

from collections.abc import Iterable, Iterator, Sequence

from webfail2ban.api.models import ExportQuery, ImportFault, ImportQuery, ImportReport
from webfail2ban.api.operations import Panel, Table
from webfail2ban.banlists import Defaults, Fault, read_bans, writer
from webfail2ban.control import CHANGES, Imported
from webfail2ban.model import Ban
from webfail2ban.turns import give_way

table = Table()

#: What JSON lines are called (https://github.com/ndjson/ndjson-spec), and the other two.
JSON_LINES = "application/x-ndjson"
PLAIN = "text/plain"

#: The media type of each format.
MEDIA_TYPES = {"jsonl": JSON_LINES, "fail2ban": PLAIN, "plain": PLAIN}

#: Bytes of a list that are looked at in one go: a millisecond, if they are only ends of lines.
LITTLE = 4096

#: Faults that an import tells.
MOST_FAULTS = 20


@table.add("GET", "/bans/export", gives=[JSON_LINES, PLAIN])
def export_bans(panel: Panel, query: ExportQuery) -> Iterator[bytes]:
    """Write all bans in force, or those of one jail.

    JSON lines can be imported again without a loss; the other formats have neither times nor
    reasons, and plain lists no jails.
    """
    control = panel.control

    def slices(jail: str | None) -> Iterator[Sequence[Ban]]:
        return control.walk(query.jail if jail is None else jail)

    jails = [query.jail] if query.jail else sorted(panel.standing.sizes())
    return writer(query.format)(slices, jails)


@table.add("POST", "/bans/import", takes=[JSON_LINES, PLAIN])
def import_bans(panel: Panel, query: ImportQuery, pieces: Iterable[bytes]) -> ImportReport:
    """Read bans, line by line, and put them in force.

    What is no ban is counted and told, and the rest goes on. What is over already, or would
    shorten a ban, is skipped.
    """
    defaults = Defaults(panel.standing.now(), query.jail, query.duration, query.reason)
    faults: list[Fault] = []
    failed = 0

    def bans() -> Iterator[Ban]:
        nonlocal failed
        for found in read_bans(_in_turns(pieces), query.format, defaults):
            if isinstance(found, Ban):
                yield found
                continue
            failed += 1
            if len(faults) < MOST_FAULTS:
                faults.append(found)
            if failed % CHANGES == 0:
                give_way()

    result: Imported = panel.control.bring(bans())
    return ImportReport(
        imported=result.made,
        skipped=result.skipped,
        failed=failed,
        errors=tuple(ImportFault(line=fault.line, message=fault.message) for fault in faults),
    )


def _in_turns(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut pieces so small that others have their turn, though there is no ban in them."""
    for piece in pieces:
        for start in range(0, len(piece), LITTLE):
            yield piece[start : start + LITTLE]
            give_way()
