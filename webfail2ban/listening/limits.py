"""How many files the process may have open: each connection is one."""

import logging
import resource

log = logging.getLogger(__name__)

#: Files beside the connections: the log, the sensor's pipe, the listener, what plugins hold.
OTHERS = 128


def allow_connections(count: int) -> None:
    """Raise the limit of open files if that many connections need it, as far as it goes.

    Without room for one more, the system refuses connections that nobody then tells why.

    Args:
        count: The connections at the same time.
    """
    needed = count + OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < needed:
        log.warning(
            "max_clients: %d connections need %d open files, but no more than %d are allowed; "
            "raise the limit (ulimit -n, LimitNOFILE) or lower max_clients",
            count,
            needed,
            allowed,
        )
