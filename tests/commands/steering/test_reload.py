import pytest

from tests.commands.steering.conftest import Run


@pytest.mark.usefixtures("serving")
def test_a_bad_configuration_is_told(run: Run) -> None:
    """With each fault; exit status 2."""
    ran = run("reload")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        "error: the configuration is wrong, so nothing has changed",
        "error: config.yaml:3:1: grace: must be a duration",
    ]
