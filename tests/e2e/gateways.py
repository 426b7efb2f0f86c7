"""nginx, Caddy, Envoy and Traefik, each started on what its section of docs/http.md says.

What is moved is named word by word and has to be there; the rest stays as it is documented.
"""

import shutil
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.docs.pages import ROOT, sections
from tests.e2e.binaries import SYSTEM_PATH
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.processes import Running
from tests.e2e.shipped import move

#: Where webfail2ban and the backend are in the documentation.
ENDPOINT, BACKEND = "127.0.0.1:12347", "127.0.0.1:8080"

#: What needs root or speaks TLS, what listens beside the site, and where nginx keeps bodies.
NGINX = """\
daemon off;
pid {directory}/nginx.pid;
error_log stderr;
worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/bodies;
    proxy_temp_path {directory}/proxied;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/site.conf;
}}
"""

TRAEFIK = """\
global: {{checkNewVersion: false, sendAnonymousUsage: false}}
entryPoints:
  web: {{address: "127.0.0.1:{port}"}}
providers:
  file: {{filename: "{directory}/dynamic.yaml"}}
"""

CADDY = """\
{
	admin off
	default_bind 127.0.0.1
	auto_https off
	persist_config off
}

"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gateway runs, and whom it knows.

    Attributes:
        directory: Takes its files.
        endpoint: Where webfail2ban answers.
        backend: The port of the backend.
        port: The port to listen on.
    """

    directory: Path
    endpoint: str
    backend: int
    port: int

    def write(self, name: str, moves: Mapping[str, str]) -> None:
        """Write a file of the documentation, with words moved."""
        (self.directory / name).write_text(move(documented(name), moves), "utf-8")

    @property
    def moves(self) -> dict[str, str]:
        """Where webfail2ban and the backend are here."""
        return {ENDPOINT: self.endpoint, BACKEND: f"{LOOPBACK}:{self.backend}"}


#: The documented limit is for machines that nobody runs tests on; none is as long as a pause.
SLOWER = {"50ms": "2s"}


def documented(name: str) -> str:
    """Return a file of the documentation."""
    blocks = (block for section in sections(ROOT / "docs" / "http.md") for block in section.blocks)
    return next(block.text for block in blocks if block.name == name)


def prepare_nginx(place: Place) -> list[str | Path]:
    program = shutil.which("nginx", path=SYSTEM_PATH)
    assert program is not None, "there is no nginx: tests/tools/install-nginx"
    moves = {
        "listen 80;": f"listen {LOOPBACK}:{place.port};",
        "/etc/nginx/": f"{place.directory}/",
    }
    place.write("webfail2ban.conf", SLOWER)
    place.write("site.conf", {**place.moves, **moves})
    main = place.directory / "nginx.conf"
    main.write_text(NGINX.format(directory=place.directory), "utf-8")
    return [program, "-p", place.directory, "-c", main]


def prepare_caddy(place: Place) -> list[str | Path]:
    site = f"http://{LOOPBACK}:{place.port}"
    place.write("Caddyfile", {**place.moves, **SLOWER, "example.com {": f"{site} {{"})
    file = place.directory / "Caddyfile"
    file.write_text(CADDY + file.read_text("utf-8"), "utf-8")
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", file]


def prepare_envoy(place: Place) -> list[str | Path]:
    host, _, port = place.endpoint.rpartition(":")
    moves = {
        f"http://{ENDPOINT}": f"http://{place.endpoint}",
        "0.05s": "2s",
        "address: 0.0.0.0, port_value: 80}": f"address: {LOOPBACK}, port_value: {place.port}}}",
        "address: 127.0.0.1, port_value: 8080": f"address: {LOOPBACK}, port_value: {place.backend}",
        "address: 127.0.0.1, port_value: 12347": f"address: {host}, port_value: {port}",
    }
    place.write("envoy.yaml", moves)
    one = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]
    return [program("envoy"), *one, "-c", place.directory / "envoy.yaml"]


def prepare_traefik(place: Place) -> list[str | Path]:
    place.write("dynamic.yaml", place.moves)
    static = place.directory / "traefik.yaml"
    static.write_text(TRAEFIK.format(port=place.port, directory=place.directory), "utf-8")
    return [program("traefik"), f"--configFile={static}"]


GATEWAYS: Mapping[str, Callable[[Place], list[str | Path]]] = {
    "nginx": prepare_nginx,
    "caddy": prepare_caddy,
    "envoy": prepare_envoy,
    "traefik": prepare_traefik,
}


def program(name: str) -> Path:
    """Return a program that comes with the development tools."""
    found = Path(sysconfig.get_path("scripts")) / name
    assert found.exists(), f"there is no {name}: pip install '.[dev]'"
    return found


class Gateway:
    """A proxy that asks webfail2ban over HTTP.

    Args:
        name: Which.
        directory: Takes its files.
        endpoint: Where webfail2ban answers.
        backend: The port of the backend.
    """

    def __init__(self, name: str, directory: Path, endpoint: str, backend: int) -> None:
        self.name = name
        self.port = free_port()
        directory.mkdir()
        command = GATEWAYS[name](Place(directory, endpoint, backend, self.port))
        env = {"HOME": str(directory), "PATH": SYSTEM_PATH}
        self._running = Running(name, command, directory / "log", env)

    def stop(self) -> None:
        self._running.stop()
