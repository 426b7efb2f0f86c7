"""The verdict on an address and everything behind it, as it goes over the API."""

from dataclasses import asdict

from webfail2ban.api.models import CheckReport, CountInfo, OpinionInfo, PastBan, VerdictInfo
from webfail2ban.banlists import describe
from webfail2ban.control import Examination
from webfail2ban.model import Ban, Opinion, Stance
from webfail2ban.verdicts.scoring import Scoring

#: What a plugin says that says nothing.
SILENT = Opinion(Stance.NONE)


def make_report(found: Examination) -> CheckReport:
    """Return what the API says of what an engine says of an address."""
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
            variables={name: value for name, value in verdict.variables if value is not None},
        ),
        opinions=tuple(
            _describe_opinion(name, said or SILENT, found.scoring) for name, said in found.opinions
        ),
        sum=found.scoring.add_up(verdict.opinions),
        threshold=found.scoring.threshold,
        bans=tuple(map(describe, found.bans)),
        past=tuple(map(_describe_past, found.past)),
        counts=tuple(CountInfo(**asdict(count)) for count in found.counts),
    )


def _describe_opinion(plugin: str, opinion: Opinion, scoring: Scoring) -> OpinionInfo:
    share = scoring.share(plugin, opinion)
    return OpinionInfo(
        plugin=plugin,
        stance=opinion.stance.value,
        score=opinion.score if share is None else share.score,
        weight=None if share is None else share.weight,
        points=None if share is None else share.points,
        reason=opinion.reason,
        jail=opinion.jail,
        until=opinion.until,
    )


def _describe_past(ban: Ban) -> PastBan:
    return PastBan(
        network=ban.network,
        jail=ban.jail,
        since=ban.since,
        until=ban.until,
        reason=ban.reason,
        count=ban.count,
    )
