"""Blocks of HAProxy's: each is a part of a configuration that a real `haproxy -c` accepts.

What a part leaves out is added: timeouts, the sections that it names, certificates, and the SPOE
files, which are the shipped ones or those of the same section of the page.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import trustme

from tests.docs.pages import Block
from tests.docs.site import Site
from tests.e2e import binaries, shipped

KEYWORDS = "global defaults frontend backend listen userlist resolvers cache peers ring program"
SECTION = re.compile(rf"^({KEYWORDS.replace(' ', '|')})\b *(\S*)", re.MULTILINE)

HEAD = """
global
    log stdout format raw local0
"""

DEFAULTS = """
defaults
    mode {mode}
    log global
    timeout connect 5s
    timeout client 1m
    timeout server 1m
"""

#: HAProxy doesn't start without any.
LISTENER = """
listen nobody
    bind 127.0.0.1:8996
"""

#: What a backend that is only named looks like.
STUB = """
backend {name}
    {mode}
    server stub 127.0.0.1:8080
"""

#: A frontend that asks by a SPOE file.
ASKS = """
frontend asks
    mode http
    bind 127.0.0.1:8999
    filter spoe engine {engine} config {file}
"""

#: The backend of agents that shipped SPOE files name.
AGENTS = "webfail2ban-agents"

#: What names a backend.
BACKENDS = re.compile(r"^\s*(?:default_backend|use_backend|use-backend) (\S+)", re.MULTILINE)
#: A frontend that listens nowhere.
UNBOUND = re.compile(r"^(frontend \S+\n)(?!(?:[ \t]+.*\n|\n)*?[ \t]+bind )", re.MULTILINE)

FILTER = re.compile(r"filter spoe engine (\S+) config (\S+)")
CERTIFICATES = re.compile(r"\b(?:crt|ca-file) (\S+)")
LISTS = re.compile(r"-f (\S+\.(?:lst|map))")


def check_haproxy(site: Site, folder: Path, block: Block) -> None:
    """Have each HAProxy check a configuration, or a part of one."""
    text = site.unprivileged(block.text, folder)
    add_files(site, folder, text)
    path = folder / (block.name or "haproxy.cfg")
    path.write_text(complete(folder, text), "utf-8")
    accepted(path)


def check_spoe(site: Site, folder: Path, block: Block) -> None:
    """Have each HAProxy check a SPOE file; a message alone stands in the shipped one."""
    text = site.unprivileged(block.text, folder)
    add_files(site, folder, text)
    scope = re.search(r"^\[(\S+)\]", text, re.MULTILINE)
    if scope is None:
        shipped.install_spoe(folder, text)
    engine = scope[1] if scope else "webfail2ban"
    file = folder / f"{engine}.spoe.conf"
    if scope is not None:
        file.write_text(text, "utf-8")
    path = folder / "asks.cfg"
    path.write_text(complete(folder, ASKS.format(engine=engine, file=file)), "utf-8")
    accepted(path)


def add_files(site: Site, folder: Path, text: str) -> None:
    """Put the files that a part names into the section's folder, those that ship or empty ones."""
    for engine, name in FILTER.findall(text):
        own, file = folder / f"{engine}.spoe.conf", Path(name)
        shared = site.directory / "haproxy" / file.name
        source = own if own.exists() else shared
        file.write_text(source.read_text("utf-8").replace(str(shared.parent), str(folder)), "utf-8")
        add_files(site, folder, file.read_text("utf-8"))
    for name in LISTS.findall(text):
        Path(name).touch()
    for name in CERTIFICATES.findall(text):
        file = folder / name
        if name.endswith("/"):
            file.mkdir(exist_ok=True)
            file /= "site.pem"
        if not file.exists():
            file.write_bytes(certificate())


def certificate() -> bytes:
    """Return a certificate and its key."""
    made = trustme.CA().issue_cert("mail.example.com")
    return made.private_key_and_cert_chain_pem.bytes()


def complete(folder: Path, text: str) -> str:
    """Add what a part leaves out."""
    if not SECTION.search(text):
        text = f"{'backend' if 'server ' in text else 'frontend'} part\n{text}"
    text = UNBOUND.sub(r"\1    bind 127.0.0.1:8997\n", text)
    kinds = {kind for kind, _ in SECTION.findall(text)}
    mode = "http" if re.search(r"\bhttp-|\bhdr", text) else "tcp"
    head = "" if "global" in kinds else HEAD
    defaults = "" if "defaults" in kinds else DEFAULTS.format(mode=mode)
    listener = "" if re.search(r"^\s+bind ", text, re.MULTILINE) else LISTENER
    return f"{head}{defaults}\n{text}\n{listener}{''.join(missing_backends(folder, text))}\n"


def missing_backends(folder: Path, text: str) -> Iterator[str]:
    """Yield the backends that a part names and doesn't have: the shipped one, or stubs."""
    known = {name for _, name in SECTION.findall(text)}
    asked = [
        name
        for _, file in FILTER.findall(text)
        for name in BACKENDS.findall((folder / file).read_text("utf-8"))
    ]
    for name in dict.fromkeys([*BACKENDS.findall(text), *asked]):
        if name == AGENTS and name not in known:
            yield "\n" + shipped.agents_backend(shipped.AGENT)
        elif name not in known:
            yield STUB.format(name=name, mode="mode tcp" if name in asked else "")


def accepted(path: Path) -> None:
    """Have each HAProxy check a file, without a warning."""
    for name in binaries.names(three=True):
        command: list[str | Path] = [binaries.find(name), "-c", "-dW", "-f", path]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{ran.stderr}\n{path.read_text('utf-8')}"
