"""What plugins do when an operator asks them."""

from http import HTTPStatus

from webfail2ban.api.models import ActionRequest, ActionResult, Word
from webfail2ban.api.operations import Panel, Table
from webfail2ban.api.refusal import RefusalError
from webfail2ban.control import UnknownActionError
from webfail2ban.errors import ActionError

table = Table()


@table.add(
    "POST",
    "/plugins/{name}/actions/{action}",
    refusals=[HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT],
)
def act(panel: Panel, name: Word, action: Word, body: ActionRequest) -> ActionResult:
    """Have a plugin do something of its own; what there is to do, its documentation says."""
    try:
        return ActionResult(result=panel.control.act(name, action, body.arguments))
    except UnknownActionError as error:
        raise RefusalError(HTTPStatus.NOT_FOUND, str(error)) from None
    except ActionError as error:
        raise RefusalError(HTTPStatus.CONFLICT, str(error)) from None
