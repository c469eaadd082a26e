"""What is sent and taken: redirects, credentials, sizes, times."""

import asyncio
import gzip
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.api import NotReady
from core.egress.client import Bounds, GuardedClient
from core.egress.failures import EgressDenied
from core.egress.policy import Policy

QUICK = Bounds(first_wait_s=0, answer=1000, download=1000)


def _client(kit: Any, *answers: bytes, bounds: Bounds = QUICK) -> tuple[GuardedClient, Any]:
    network = kit.Network(answers)
    return GuardedClient(Policy(), resolve=kit.Resolver(), backend=network, bounds=bounds), network


async def test_credentials_stay_with_the_host_they_are_for(kit: Any) -> None:
    client, network = _client(
        kit,
        kit.answered(status="302 Found", location="/there"),
        kit.answered(status="302 Found", location="https://cdn.example/film"),
        kit.answered(b"film"),
    )
    secrets = {"Authorization": "Bearer canary", "X-Api-Key": "canary", "Cookie": "a=canary", "xi-api-key": "canary"}
    answer = await client.request("GET", "https://films.example/", headers={**secrets, "Accept": "video/mp4"})
    assert answer.body == b"film"
    assert [each.count(b"canary") for each in network.sent] == [4, 4, 0]
    assert b"accept: video/mp4" in network.sent[2].lower()
    assert network.names == ["films.example", "films.example", "cdn.example"]


async def test_three_redirects_are_followed_and_no_fourth(kit: Any) -> None:
    client, network = _client(kit, *[kit.answered(status="307 Temporary", location="/on")] * 4)
    with pytest.raises(EgressDenied, match="more than 3 redirects"):
        await client.request("GET", "https://films.example/")
    assert len(network.connected) == 4


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [(303, "POST", "GET"), (302, "POST", "GET"), (307, "POST", "POST"), (302, "PUT", "PUT"), (303, "HEAD", "HEAD")],
)
async def test_a_redirect_changes_the_method_as_browsers_do(kit: Any, status: int, method: str, then: str) -> None:
    client, network = _client(kit, kit.answered(status=f"{status} Moved", location="/on"), kit.answered())
    body = None if method == "HEAD" else b"words"
    await client.request(method, "https://films.example/", headers={"content-type": "text/plain"}, body=body)
    assert network.sent[1].startswith(f"{then} /on HTTP/1.1\r\n".encode())
    assert (b"words" in network.sent[1]) == (then == method and body is not None)
    assert (b"content-type" in network.sent[1].lower()) == (then == method)


async def test_a_body_is_not_taken_to_another_host(kit: Any) -> None:
    client, network = _client(kit, kit.answered(status="307 Temporary", location="https://evil.example/"))
    with pytest.raises(EgressDenied, match="to another host"):
        await client.request("POST", "https://films.example/", body=b"words")
    assert len(network.connected) == 1


@pytest.mark.parametrize(
    "name", ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Proxy-Authorization", "te"]
)
async def test_headers_that_would_lead_the_other_side_astray_are_refused(kit: Any, name: str) -> None:
    client, network = _client(kit)
    with pytest.raises(EgressDenied):
        await client.request("GET", "https://films.example/", headers={name: "1"})
    assert network.connected == []


@pytest.mark.parametrize("value", ["canary\r\nhost: evil.example", "canary\x00", "canaryé"])
async def test_a_header_that_would_be_two_is_refused_and_its_value_not_told(kit: Any, value: str) -> None:
    client, network = _client(kit)
    with pytest.raises(EgressDenied) as refused:
        await client.request("GET", "https://films.example/", headers={"authorization": value})
    assert "canary" not in str(refused.value)
    assert network.connected == []


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "GET /other HTTP/1.1\r\nx:", ""])
async def test_only_methods_of_the_web_are_sent(kit: Any, method: str) -> None:
    client, network = _client(kit)
    with pytest.raises(EgressDenied):
        await client.request(method, "https://films.example/")
    assert network.connected == []


async def test_cookies_are_not_kept(kit: Any) -> None:
    client, network = _client(
        kit, kit.answered(status="302 Found", location="/on", set_cookie="a=canary"), kit.answered(), kit.answered()
    )
    await client.request("GET", "https://films.example/")
    await client.request("GET", "https://films.example/")
    assert [b"canary" in each for each in network.sent] == [False, False, False]


async def test_an_answer_that_says_it_is_too_large_is_refused(kit: Any) -> None:
    client, _ = _client(kit, b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n")
    with pytest.raises(EgressDenied, match="more than 1000 bytes"):
        await client.request("GET", "https://films.example/")


async def test_an_answer_that_is_larger_than_it_may_be_is_refused(kit: Any) -> None:
    pieces = b"".join(b"64\r\n" + bytes(100) + b"\r\n" for _ in range(11)) + b"0\r\n\r\n"
    client, _ = _client(kit, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + pieces)
    with pytest.raises(EgressDenied, match="more than 1000 bytes"):
        await client.request("GET", "https://films.example/")


@pytest.mark.parametrize("layers", [1, 2])
async def test_an_answer_that_unpacks_to_too_much_is_refused(kit: Any, layers: int) -> None:
    bomb = bytes(50_000_000 if layers == 2 else 200_000)
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    assert len(bomb) < 1000
    client, _ = _client(kit, kit.answered(bomb, content_encoding=", ".join(["gzip"] * layers)))
    with pytest.raises(EgressDenied, match="more than 1000 bytes"):
        await client.request("GET", "https://films.example/")


async def test_an_answer_of_just_the_size_is_taken(kit: Any) -> None:
    client, _ = _client(kit, kit.answered(gzip.compress(bytes(1000)), content_encoding="gzip"))
    assert (await client.request("GET", "https://films.example/")).body == bytes(1000)


async def test_headers_without_end_are_refused(kit: Any) -> None:
    endless = b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000
    client, network = _client(kit, endless, endless, endless)
    with pytest.raises(NotReady):
        await client.request("GET", "https://films.example/")
    assert len(network.connected) == QUICK.tries


async def test_a_download_is_whole_or_not_there(kit: Any, tmp_path: Path) -> None:
    client, _ = _client(
        kit,
        kit.answered(bytes(1000)),
        b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n" + bytes(100),
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1001),
        kit.answered(status="404 Not Found"),
    )
    assert await client.download("https://films.example/a", tmp_path / "a") == 1000
    assert (tmp_path / "a").read_bytes() == bytes(1000)
    for error in (NotReady, EgressDenied, NotReady):
        with pytest.raises(error):
            await client.download("https://films.example/b", tmp_path / "b")
    assert _names(tmp_path) == ["a"]


async def test_what_is_busy_is_asked_again_and_what_was_sent_once_is_not_sent_twice(kit: Any) -> None:
    busy = kit.answered(status="503 Busy")
    client, network = _client(kit, busy, busy, kit.answered(b"here"), busy)
    assert (await client.request("GET", "https://films.example/")).body == b"here"
    assert (await client.request("POST", "https://films.example/", body=b"x")).status == 503
    assert len(network.connected) == 4


async def test_a_wait_that_is_asked_for_and_too_long_is_not_waited_for(kit: Any) -> None:
    client, network = _client(kit, kit.answered(status="429 Slow Down", retry_after="3600"))
    answer = await client.request("GET", "https://films.example/")
    assert (answer.status, answer.headers["retry-after"]) == (429, "3600")
    assert len(network.connected) == 1


async def test_a_peer_that_says_nothing_is_not_waited_for(kit: Any) -> None:
    async def silent(peer: Any, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with kit.peering(silent) as peer:
        policy = Policy(allowed=[ip_network("127.0.0.0/8")], plain=frozenset({f"127.0.0.1:{peer.port}"}))
        for bounds in (replace(QUICK, silence_s=0.05, tries=1), replace(QUICK, whole_s=0.05)):
            with pytest.raises(NotReady):
                await GuardedClient(policy, bounds=bounds).request("GET", f"http://127.0.0.1:{peer.port}/")
        assert len(peer.heard) == 2


async def test_a_name_that_is_not_found_in_time_is_not_waited_for(kit: Any) -> None:
    async def endless(host: str, port: int) -> Any:
        await asyncio.Event().wait()

    network = kit.Network()
    client = GuardedClient(Policy(), resolve=endless, backend=network, bounds=replace(QUICK, connect_s=0.01, tries=1))
    with pytest.raises(NotReady):
        await client.request("GET", "https://films.example/")
    assert network.connected == []


async def test_tls_verifies_the_name_although_the_address_is_connected_to(kit: Any, tmp_path: Path) -> None:
    async def hello(peer: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(kit.answered(b"hello"))
        await writer.drain()

    serving, trusting = _certified("films.example", tmp_path)
    names: list[str | None] = []
    serving.sni_callback = lambda _object, name, _context: names.append(name)
    async with kit.peering(hello, ssl=serving) as peer:
        policy = Policy(
            allowed=[ip_network("127.0.0.0/8")],
            hosts=frozenset({f"{host}.example:{peer.port}" for host in ("films", "other")}),
        )
        resolver = kit.Resolver(films_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
        client = GuardedClient(policy, resolve=resolver, tls=trusting, bounds=replace(QUICK, tries=1))
        assert (await client.request("GET", f"https://films.example:{peer.port}/")).body == b"hello"
        assert f"host: films.example:{peer.port}".encode() in peer.heard[0].lower()
        with pytest.raises(NotReady):
            await client.request("GET", f"https://other.example:{peer.port}/")
        assert names == ["films.example", "other.example"]
        assert len(peer.heard) == 1


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def _certified(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(pem + private)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "both.pem")
    return serving, ssl.create_default_context(cadata=pem.decode())
