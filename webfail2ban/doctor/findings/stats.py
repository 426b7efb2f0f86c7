"""The statistics page, the stats socket, and redirects."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from webfail2ban.doctor.finding import Finding, error, warning
from webfail2ban.doctor.reading import Line, Section
from webfail2ban.doctor.servers import listens_beyond, split_address
from webfail2ban.doctor.site import ENTRIES, Site
from webfail2ban.doctor.variables import find_condition

ADMIN = error(
    "stats-admin-open",
    "`stats admin if TRUE` without a password: whoever sees the statistics page may steer HAProxy.",
)
OPEN = warning(
    "stats-open",
    "The statistics page, or Prometheus's, is open to others than this machine, without a "
    "password.",
)
SOCKET = error(
    "stats-socket-directory",
    "The directory of the stats socket isn't there: `haproxy -c` passes, the start fails.",
)
REDIRECT = warning(
    "redirect-never",
    "A redirect to https in a frontend that has TLS alone: it never happens.",
)

KINDS = (ADMIN, OPEN, SOCKET, REDIRECT)

#: Conditions that always hold.
ALWAYS = frozenset({"TRUE", "always_true"})

#: The service that shows numbers to Prometheus.
EXPORTER = "prometheus-exporter"

PASSWORD = "stats auth operator:a-long-password"  # noqa: S105 - a placeholder to paste


def find(site: Site) -> Iterator[Finding]:
    """Find statistics that are open, or nowhere."""
    for section in site.of("frontend", "listen", "backend"):
        yield from _find_open(section)
        if section.kind in ENTRIES:
            yield from _find_redirects(section)
    for _, line in site.lines():
        if line.starts("stats", "socket"):
            _, _, path = split_address(line.word(2))
            if path and site.machine.lacks(str(PurePosixPath(path).parent)):
                directory = PurePosixPath(path).parent
                yield SOCKET.at(
                    line,
                    f"there is no directory {directory}, so HAProxy doesn't start; "
                    "`haproxy -c` doesn't look",
                    f"mkdir -p {directory}\n# or a directory that the service makes itself: in its "
                    "unit\nRuntimeDirectory=haproxy",
                )


def _find_open(section: Section) -> Iterator[Finding]:
    guarded = _is_guarded(section)
    for line in section.all("stats", "admin"):
        condition = {word.strip("{}") for word in find_condition(line)} - {""}
        if condition <= ALWAYS and not guarded:
            yield ADMIN.at(
                line,
                f"{section} lets anybody disable servers and end sessions",
                f"{PASSWORD}\nstats admin if {{ src 127.0.0.1 }}",
            )
    exported = [line for line in section.all("http-request") if EXPORTER in line.words]
    shown = [*section.all("stats", "enable"), *section.all("stats", "uri"), *exported]
    enabled = shown[0] if shown else None
    if enabled is not None and not guarded and _is_public(section):
        yield OPEN.at(
            enabled,
            f"{section} shows servers and clients' numbers to everybody",
            f"http-request deny unless {{ src 127.0.0.1 }}\n{enabled.text}"
            if enabled in exported
            else PASSWORD,
        )


def _is_guarded(section: Section) -> bool:
    """Tell whether somebody is asked for a password, or turned away."""
    if section.last("stats", "auth") is not None or section.last("stats", "http-request"):
        return True
    return any(
        line.word(1) in {"auth", "deny", "reject"} for line in section.all("http-request")
    ) or any("reject" in line.words for line in section.all("tcp-request"))


def _is_public(section: Section) -> bool:
    """Tell whether others than this machine may come."""
    return section.kind == "backend" or any(
        listens_beyond(line.word(1)) for line in section.all("bind")
    )


def _find_redirects(section: Section) -> Iterator[Finding]:
    binds = section.all("bind")
    if not binds or not all("ssl" in bind.words for bind in binds):
        return
    for line in section.lines:
        if _is_redirect(line):
            yield REDIRECT.at(
                line,
                f"every bind of {section} has TLS, so nobody is ever redirected",
                f"frontend {section.name}-plain\n    mode http\n    bind :::80 v4v6\n"
                "    http-request redirect scheme https code 301",
            )


def _is_redirect(line: Line) -> bool:
    redirects = line.starts("redirect", "scheme") or line.starts("http-request", "redirect")
    condition = "".join(find_condition(line)).replace(" ", "")
    plain = condition == "!{ssl_fc}" or ("unless" in line.words and condition == "{ssl_fc}")
    return redirects and "https" in line.words and plain
