"""What each operation does: from the models to the control and back."""

from webfail2ban.api.handlers import actions, bans, standing, transfer, verdicts

#: All operations, those with fixed paths before those that take a network in their place.
OPERATIONS = (
    *transfer.table.operations,
    *bans.table.operations,
    *verdicts.table.operations,
    *standing.table.operations,
    *actions.table.operations,
)

__all__ = ["OPERATIONS"]
