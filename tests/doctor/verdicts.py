"""An agent that answers as ours does, and asking it."""

from pathlib import Path

from tests.doctor.sites import AGENT, Case, make_site
from tests.serving import Answers
from webfail2ban.doctor.asking import Answer, ask_all
from webfail2ban.doctor.finding import Finding
from webfail2ban.doctor.servers import Server
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


def ask(root: Path, where: str, *further: tuple[str, str]) -> list[Finding | tuple[Server, Answer]]:
    """Ask a site whose agent is somewhere."""
    case = Case("none", cfg=((AGENT, AGENT.replace("127.0.0.1:12345", where)), *further))
    return list(ask_all(make_site(root, case)))


def findings(found: list[Finding | tuple[Server, Answer]]) -> list[Finding]:
    return [one for one in found if isinstance(one, Finding)]
