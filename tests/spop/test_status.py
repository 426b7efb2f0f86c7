"""The status codes."""

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Status
from webfail2ban.spop.status import EXPLANATIONS


def test_codes_are_those_of_the_specification() -> None:
    """SPOE.txt 3.5 numbers 0 to 13 and 99."""
    assert sorted(Status) == [*range(14), 99]


def test_every_code_explains_itself() -> None:
    """Each status has a sentence, and no sentence is without its status."""
    assert set(EXPLANATIONS) == set(Status)
    assert Status.FRAME_TOO_BIG.explanation == "the frame is too big"


def test_an_error_says_whose_fault_it_is() -> None:
    """The sentence names the peer, what it did, and the status to answer with."""
    error = ProtocolError(Status.INVALID_FRAME, "an integer is missing")
    assert str(error) == "the SPOP peer broke the protocol: an integer is missing (status 4)"
    assert (error.status, error.detail) == (4, "an integer is missing")
