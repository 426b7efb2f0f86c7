"""TLS without I/O: both sides in memory."""

import ssl
from ssl import SSLError

import pytest

from tests.tls.certificates import Pki
from tests.tls.peer import Peer
from webfail2ban.tls.certificates import make_context
from webfail2ban.tls.layer import RECORD, TlsLayer


def meet(layer: TlsLayer, peer: Peer, early: bytes = b"") -> bytes:
    """Do the handshake, with something behind the peer's last word; return what came of that."""
    data = b""
    while True:
        said = peer.give(data)
        if not said and not data:
            break
        done = peer.tls.version() is not None and bool(data)
        plain = layer.decrypt(said + (peer.encrypt(early) if done and early else b""))
        data = layer.data_to_send()
        if layer.established:
            peer.give(data)
            return plain
    raise AssertionError("no handshake")


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def peer(request: pytest.FixtureRequest, pki: Pki) -> Peer:
    return Peer(pki, request.param)


@pytest.fixture
def layer(pki: Pki) -> TlsLayer:
    return TlsLayer(make_context(pki.settings()))


def test_what_is_encrypted_is_decrypted(layer: TlsLayer, peer: Peer) -> None:
    """Both ways, however much it is."""
    meet(layer, peer)
    for size in (1, 100, RECORD, RECORD + 1, 100_000):
        assert layer.decrypt(peer.encrypt(bytes(size))) == bytes(size)
        assert peer.decrypt(layer.encrypt(b"x" * size)) == b"x" * size
    assert layer.data_to_send() == b""


def test_bytes_may_come_one_by_one(layer: TlsLayer, peer: Peer) -> None:
    """TCP cuts where it likes: what isn't whole gives nothing yet."""
    meet(layer, peer)
    got = [layer.decrypt(bytes([byte])) for byte in peer.encrypt(b"hello") + peer.encrypt(b"you")]
    assert [part for part in got if part] == [b"hello", b"you"]


def test_many_records_at_once_are_all_read(layer: TlsLayer, peer: Peer) -> None:
    """And what is left of the last one waits."""
    meet(layer, peer)
    data = b"".join(peer.encrypt(b"%03d" % number) for number in range(200))
    assert layer.decrypt(data[:-1]) == b"".join(b"%03d" % number for number in range(199))
    assert layer.decrypt(data[-1:]) == b"199"


def test_a_question_may_come_with_the_end_of_the_handshake(layer: TlsLayer, pki: Pki) -> None:
    """The peer of TLS 1.3 may ask before it has heard the last of ours (RFC 8446, 2)."""
    assert meet(layer, Peer(pki, ssl.TLSVersion.TLSv1_3), early=b"early") == b"early"


def test_a_goodbye_ends_it(layer: TlsLayer, peer: Peer) -> None:
    """Also behind something else; we may still answer."""
    meet(layer, peer)
    assert layer.decrypt(peer.encrypt(b"last") + peer.close()) == b"last"
    assert layer.ended
    assert layer.encrypt(b"answer")


def test_our_goodbye_is_one(layer: TlsLayer, peer: Peer) -> None:
    """The peer knows then that nothing was cut off."""
    meet(layer, peer)
    assert peer.decrypt(layer.encrypt(b"last") + layer.close()) == b"last"
    assert peer.tls.read(RECORD) == b""


def test_garbage_raises(layer: TlsLayer) -> None:
    """Nobody who speaks something else gets further."""
    with pytest.raises(SSLError, match="WRONG_VERSION_NUMBER"):
        layer.decrypt(bytes(100))


def test_a_record_that_was_changed_raises(layer: TlsLayer, peer: Peer) -> None:
    """Encryption without that would be none."""
    meet(layer, peer)
    data = peer.encrypt(b"hello")
    with pytest.raises(SSLError, match="BAD_RECORD_MAC"):
        layer.decrypt(data[:-1] + bytes([data[-1] ^ 1]))
    assert layer.close() is not None


def test_a_peer_that_knows_only_what_is_too_old_is_refused(pki: Pki) -> None:
    """The setting is the oldest version that is spoken."""
    layer = TlsLayer(make_context(pki.settings(minimum="1.3")))
    with pytest.raises(SSLError, match="UNSUPPORTED_PROTOCOL"):
        layer.decrypt(Peer(pki, ssl.TLSVersion.TLSv1_2).give(b""))
    assert layer.data_to_send()[:1] == b"\x15"  # it is told so, in an alert (RFC 8446, 5.1)
