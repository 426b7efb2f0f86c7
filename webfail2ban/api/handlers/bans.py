"""Listing, making and lifting bans."""

from http import HTTPStatus

from webfail2ban.addresses import show_network
from webfail2ban.api.fields import NetworkField
from webfail2ban.api.models import (
    BanInfo,
    BanList,
    BanPage,
    BanQuery,
    BanRequest,
    BanResult,
    BanResults,
    JailQuery,
    Purged,
    PurgeRequest,
    Removed,
    RemoveRequest,
)
from webfail2ban.api.operations import Panel, Table
from webfail2ban.api.refusal import RefusalError
from webfail2ban.banlists import describe
from webfail2ban.control import CHANGES, SLICE, Order, Wanted
from webfail2ban.turns import give_way

table = Table()


@table.add("GET", "/bans")
def list_bans(panel: Panel, query: BanQuery) -> BanPage:
    """List the bans in force, a page at a time.

    A ban that is in force all the while is on exactly one page.
    """
    wanted = Wanted(query.jail, query.covering, query.inside, query.q or "")
    page = panel.control.list_bans(wanted, int(query.cursor or 0), query.limit)
    bans: list[BanInfo] = []
    for ban in page.bans:
        bans.append(describe(ban))
        if len(bans) % SLICE == 0:
            give_way()
    following = None if page.cursor is None else str(page.cursor)
    return BanPage.model_construct(bans=tuple(bans), next=following, total=panel.control.size)


@table.add("POST", "/bans", refusals=[HTTPStatus.CONFLICT])
def add_bans(panel: Panel, body: BanRequest) -> BanResults:
    """Ban addresses and networks.

    A ban that lasts as long or longer stays as it is; to shorten one, remove it first. Nobody is
    banned if one of them is a trusted proxy, or a network with one in it.
    """
    for number, new in enumerate(body.bans, 1):
        proxies = panel.control.find_proxies(new.network)
        if proxies is not None:
            detail = f"{show_network(new.network)}: trusted_proxies has {show_network(proxies)}"
            raise RefusalError(HTTPStatus.CONFLICT, detail)
        if number % SLICE == 0:
            give_way()
    orders = [Order(ban.network, ban.duration, ban.jail, ban.reason) for ban in body.bans]
    results: list[BanResult] = []
    for ban, changed in panel.control.ban(orders):
        results.append(BanResult.model_construct(ban=describe(ban), changed=changed))
        if len(results) % SLICE == 0:
            give_way()
    changed_count = sum(result.changed for result in results)
    return BanResults.model_construct(results=tuple(results), changed=changed_count)


@table.add("POST", "/bans/remove")
def remove_bans(panel: Panel, body: RemoveRequest) -> Removed:
    """Lift bans: of networks, of a jail, or of networks in a jail."""
    if not body.networks:
        return Removed(removed=panel.control.unban_all(body.jail))
    removed, missing = 0, []
    for number, network in enumerate(body.networks, 1):
        lifted = panel.control.unban(network, body.jail)
        removed += len(lifted)
        if not lifted:
            missing.append(network)
        if number % CHANGES == 0:
            give_way()
    return Removed(removed=removed, missing=tuple(missing))


@table.add("POST", "/bans/purge")
def purge_bans(panel: Panel, body: PurgeRequest) -> Purged:
    """Lift every ban of all jails."""
    assert body.everything  # noqa: S101 - the model takes nothing else
    return Purged(removed=panel.control.unban_all())


@table.add("GET", "/bans/{network}", refusals=[HTTPStatus.NOT_FOUND])
def get_bans(panel: Panel, network: NetworkField) -> BanList:
    """Show the bans of exactly this address or network, with the log lines that led to them."""
    bans = panel.control.get_bans(network)
    if not bans:
        raise RefusalError(HTTPStatus.NOT_FOUND, f"{show_network(network)} is not banned")
    return BanList(bans=tuple(map(describe, bans)))


@table.add("DELETE", "/bans/{network}", refusals=[HTTPStatus.NOT_FOUND])
def remove_ban(panel: Panel, network: NetworkField, query: JailQuery) -> Removed:
    """Lift the bans of exactly this address or network."""
    removed = panel.control.unban(network, query.jail)
    if not removed:
        where = f" in {query.jail}" if query.jail else ""
        raise RefusalError(HTTPStatus.NOT_FOUND, f"{show_network(network)} is not banned{where}")
    return Removed(removed=len(removed))
