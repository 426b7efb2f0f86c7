"""The verdict on an address."""

from dataclasses import asdict

from webfail2ban.api.fields import AddressField
from webfail2ban.api.models import CheckReport, CountInfo, OpinionInfo, PastBan, VerdictInfo
from webfail2ban.api.operations import Panel, Table
from webfail2ban.banlists import describe
from webfail2ban.model import Opinion, Stance

table = Table()

#: What a plugin says that says nothing.
SILENT = Opinion(Stance.NONE)


@table.add("GET", "/check/{address}")
def check(panel: Panel, address: AddressField) -> CheckReport:
    """Give the verdict on an address, and everything behind it.

    It is the one that HAProxy would get for this address alone: what else HAProxy may send (a path,
    a user agent) isn't known here.
    """
    found = panel.control.check(address)
    verdict = found.verdict
    return CheckReport(
        address=found.address,
        network=found.network,
        verdict=VerdictInfo(
            banned=verdict.banned,
            score=verdict.score,
            reason=verdict.reason,
            jail=verdict.jail,
            until=verdict.until,
        ),
        opinions=tuple(_describe_opinion(name, said or SILENT) for name, said in found.opinions),
        bans=tuple(map(describe, found.bans)),
        past=tuple(
            PastBan(
                network=ban.network,
                jail=ban.jail,
                since=ban.since,
                until=ban.until,
                reason=ban.reason,
                count=ban.count,
            )
            for ban in found.past
        ),
        counts=tuple(CountInfo(**asdict(count)) for count in found.counts),
    )


def _describe_opinion(plugin: str, opinion: Opinion) -> OpinionInfo:
    return OpinionInfo(
        plugin=plugin,
        stance=opinion.stance.value,
        score=opinion.score,
        reason=opinion.reason,
        jail=opinion.jail,
        until=opinion.until,
    )
