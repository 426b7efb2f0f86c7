"""The verdict on an address."""

from webfail2ban.api.checkreport import make_report
from webfail2ban.api.fields import AddressField
from webfail2ban.api.models import CheckReport
from webfail2ban.api.operations import Panel, Table

table = Table()


@table.add("GET", "/check/{address}")
def check(panel: Panel, address: AddressField) -> CheckReport:
    """Give the verdict on an address, and everything behind it.

    It is the one that HAProxy would get for this address alone: what else HAProxy may send (a path,
    a user agent) isn't known here.
    """
    return make_report(panel.control.check(address))
