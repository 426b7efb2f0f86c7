"""An agent that answers as ours does."""

from tests.serving import Answers
from webfail2ban.spop import Notify, Scope, SetVar, encode_actions


class Verdicts(Answers):
    """Answers with a verdict, as we do; remembers the questions."""

    def __init__(self, scope: Scope = Scope.TRANSACTION) -> None:
        super().__init__()
        self.questions: list[Notify] = []
        self._scope = scope

    def answer(self, notify: Notify) -> bytes:
        self.questions.append(notify)
        return encode_actions([SetVar(self._scope, "banned", 0)])
