"""What each operation does: from the models to the control and back."""

from webfail2ban.api.handlers import bans, standing, transfer, verdicts

#: All operations, those with fixed paths before those that take a network in their place.
OPERATIONS = (
    *transfer.table.operations,
    *bans.table.operations,
    *verdicts.table.operations,
    *standing.table.operations,
)

__all__ = ["OPERATIONS"]
