"""What ``doctor`` prints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from webfail2ban.api.models import JailList
from webfail2ban.commands.wording import plural
from webfail2ban.doctor.engine import OF_LINES
from webfail2ban.doctor.finding import Finding, Severity
from webfail2ban.logs import harmless

#: How severities are shown.
COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}

#: What to write stands below what is wrong, so far in.
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and found.

    Attributes:
        files: HAProxy's files.
        version: HAProxy's, and where it was taken from.
        looked_at: What else, a few words each.
        findings: In their order.
    """

    files: tuple[str, ...]
    version: str
    looked_at: tuple[str, ...]
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """Return how many findings are so bad."""
        return sum(finding.severity is severity for finding in self.findings)

    def is_well(self, *, strict: bool) -> bool:
        """Whether there is no error, and if need be no warning."""
        bad = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
        return not any(map(self.count, bad))


def show(report: Report) -> None:
    """Print a report for people."""
    for finding in report.findings:
        _show_finding(finding)
    click.echo("looked at:")
    for part in (*report.files, f"HAProxy {report.version}", *report.looked_at):
        click.echo(f"{INDENT}{harmless(part)}")
    if not report.findings:
        click.echo(click.style("nothing found", fg="green"))
        return
    counts = [
        plural(count, severity.value) for severity in Severity if (count := report.count(severity))
    ]
    click.echo(", ".join(counts))


def _show_finding(finding: Finding) -> None:
    where = f"{harmless(finding.where)}: " if finding.where else ""
    severity = click.style(f"{finding.severity}:", fg=COLOURS[finding.severity])
    name = click.style(f"[{finding.name}]", dim=True)
    click.echo(f"{where}{severity} {harmless(finding.sentence)} {name}")
    for line in finding.remedy.splitlines():
        click.echo(f"{INDENT}{harmless(line)}")


def describe_jails(jails: JailList) -> Iterator[str]:
    """Say of each jail that looks at log lines what it sees."""
    for jail in jails.jails:
        if OF_LINES in jail.limits:
            said = f"jail {jail.name}: {plural(jail.lines, 'line')}"
            if jail.dated or jail.undated:
                said += f", a date in {jail.dated:,} of {jail.dated + jail.undated:,}"
            if jail.clock_offset is not None:
                said += f", clock {jail.clock_offset:+.0f} s"
            yield f"{said}, {plural(jail.failures, 'failure')}"


def to_json(report: Report, *, strict: bool) -> dict[str, Any]:
    """Return a report for machines."""
    return {
        "ok": report.is_well(strict=strict),
        "files": list(report.files),
        "haproxy": report.version,
        "looked_at": list(report.looked_at),
        "counts": {f"{severity}s": report.count(severity) for severity in Severity},
        "findings": _describe(report.findings),
    }


def _describe(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "name": finding.name,
            "severity": str(finding.severity),
            "file": finding.file or None,
            "line": finding.line or None,
            "sentence": finding.sentence,
            "remedy": finding.remedy,
        }
        for finding in findings
    ]
