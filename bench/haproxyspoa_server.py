"""PyPI's `haproxyspoa` (pure Python, asyncio) as an agent that answers the benchmark's question.

    python -m bench.haproxyspoa_server 127.0.0.1:9000 BANNED

BANNED is a file of addresses, one a line. The handler is what its README shows: one coroutine for
the message, one variable set. The package logs three lines for each NOTIFY at level INFO; they are
turned off here, which only flatters it.
"""

import asyncio
import logging
import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from haproxyspoa.logging import logger
from haproxyspoa.payloads.ack import AckPayload
from haproxyspoa.spoa_server import SpoaServer


def agent(banned: frozenset[IPv4Address | IPv6Address]) -> SpoaServer:
    """Make the agent that knows the banned addresses."""

    async def check(ip: IPv4Address | IPv6Address) -> AckPayload:
        # The package has no way to send a boolean: a bool goes out as the integer 0 or 1.
        return AckPayload().set_txn_var("banned", ip in banned)

    server = SpoaServer()
    server.handler("check-ip")(check)
    return server


async def serve(server: SpoaServer, address: str) -> None:
    """Serve on `host:port` or on the path of a unix socket, until killed."""
    if "/" in address:
        listening = await asyncio.start_unix_server(server.handle_connection, address)
    else:
        host, _, port = address.rpartition(":")
        listening = await asyncio.start_server(server.handle_connection, host, int(port))
    await listening.serve_forever()


if __name__ == "__main__":
    # A connection that ends is an exception in this package; asyncio would print its traceback.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    logger.setLevel(logging.WARNING)
    addresses = frozenset(map(ip_address, Path(sys.argv[2]).read_text("ascii").split()))
    asyncio.run(serve(agent(addresses), sys.argv[1]))
