from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.panels import make_engine, make_panel
from webfail2ban.api.access import Guard
from webfail2ban.api.application import make_application
from webfail2ban.api.operations import Panel
from webfail2ban.api.peers import ENVIRON_KEY, Peer
from webfail2ban.engine import Engine
from webfail2ban.testing import Clock

#: Somebody on the unix socket.
OPERATOR = Peer("alice (user 1000, process 42)", None)


@pytest.fixture
def real_engine(clock: Clock) -> Iterator[Engine]:
    """An engine that has been started."""
    engine = make_engine(clock)
    yield engine
    engine.stop()


@pytest.fixture
def panel(real_engine: Engine) -> Panel:
    """What handlers reach for."""
    return make_panel(real_engine)


@pytest.fixture
def app(panel: Panel) -> Flask:
    """The application."""
    return make_application(panel, Guard(None))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the operator's."""
    client = app.test_client()
    client.environ_base |= {ENVIRON_KEY: OPERATOR}  # type: ignore[dict-item] # Werkzeug: text only
    return client
