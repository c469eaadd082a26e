"""Where requests may not go: no connection is opened, whatever the dress."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from core.egress.addresses import is_public
from core.egress.client import GuardedClient
from core.egress.failures import EgressDenied
from core.egress.policy import Policy

FORBIDDEN_ADDRESSES = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1",
    "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",
    "::ffff:93.184.215.14", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
    "100::1", "100:0:0:1::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1",
    "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2620:4f:8000::1", "3fff::1", "4000::1", "5f00::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
FORBIDDEN_HOSTS = [
    *(f"[{each}]" if ":" in each else each for each in FORBIDDEN_ADDRESSES),
    "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "127.0.0.01",
    "127.0.0.1.", "93.184.215.14.", "1.2.3.4.5", "256.1.1.1", "127.0.0.%31", "a.0x7f", "films.1",
    "localhost", "localhost.", "foo.localhost", "metadata.google.internal", "printer.local", "router.lan", "db.corp",
    "intranet", "films", "films.example.", "films..example", ".films.example", "-films.example", "films-.example",
    "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1", "[v1.fe]", "[93.184.215.14]", "１２７.0.0.1", "①②⑦.0.0.1",
    "127。0。0。1", "раypal.example", "films.example:0", "films.example:99999", "films.example:22",
    "films.example:8443", "user@films.example", "user:password@films.example", "films.example\\@127.0.0.1",
    "films.example\t", "films. example", "films.example\r\nhost:x", "a" * 64 + ".example", "a." * 127 + "example", "",
]  # fmt: skip
FORBIDDEN_WHOLE = [
    "http://films.example/", "ftp://films.example/", "file:///etc/passwd", "gopher://films.example/",
    "//films.example/", "films.example", "data:,x", "javascript:alert(1)", "unix:/run/docker.sock",
    "https:/films.example", "https:", "HTTP://films.example/", "ws://films.example/", "https://films.example:http/", "https://films.example/\x00",
]  # fmt: skip
HARMLESS_IN_REDIRECTS = {
    "//films.example/", "films.example", "https:/films.example", "https:", "https:///a",
    "https://раypal.example/a", "https://films.example\r\nhost:x/a", "https://films.example/\x00",
}  # fmt: skip
"""What means a place of the same host there, a name that is written in ASCII then, or no header at all."""
FORBIDDEN = [*(f"https://{host}/a" for host in FORBIDDEN_HOSTS), *FORBIDDEN_WHOLE]


@pytest.mark.parametrize("url", FORBIDDEN)
async def test_a_forbidden_address_is_refused_before_anything_is_asked(kit: Any, url: str) -> None:
    network, resolver = kit.Network(), kit.Resolver()
    with pytest.raises(EgressDenied):
        await GuardedClient(Policy(), resolve=resolver, backend=network).request("GET", url)
    assert (network.connected, resolver.asked) == ([], [])


@pytest.mark.parametrize("url", [url for url in FORBIDDEN if url not in HARMLESS_IN_REDIRECTS])
async def test_a_redirect_to_a_forbidden_address_is_not_followed(kit: Any, url: str) -> None:
    answer = kit.answered(status="302 Found").replace(b"\r\n\r\n", b"\r\nlocation: " + url.encode() + b"\r\n\r\n")
    network, resolver = kit.Network([answer]), kit.Resolver()
    with pytest.raises(EgressDenied):
        await GuardedClient(Policy(), resolve=resolver, backend=network).request("GET", "https://start.example/")
    assert network.connected == [(kit.PUBLIC, 443)]
    assert resolver.asked == ["start.example"]


@pytest.mark.parametrize("address", FORBIDDEN_ADDRESSES)
async def test_a_name_with_one_forbidden_address_among_its_public_ones_is_refused(kit: Any, address: str) -> None:
    network, resolver = kit.Network(), kit.Resolver(films_example=[[kit.PUBLIC, address, "1.1.1.1"]])
    with pytest.raises(EgressDenied):
        await GuardedClient(Policy(), resolve=resolver, backend=network).request("GET", "https://films.example/")
    assert network.connected == []
    assert resolver.asked == ["films.example"]


def test_there_are_more_than_sixty_forms() -> None:
    assert len(set(FORBIDDEN)) > 60


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:2800:21f:cb07::1", "2a00:1450::1"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ip_address(address))


async def test_a_name_that_changes_between_check_and_connection_changes_nothing(kit: Any) -> None:
    network = kit.Network([kit.answered(b"whole")])
    resolver = kit.Resolver(films_example=[[kit.PUBLIC], ["127.0.0.1"]])
    answer = await GuardedClient(Policy(), resolve=resolver, backend=network).request("GET", "https://films.example/")
    assert answer.body == b"whole"
    assert resolver.asked == ["films.example"], "it is looked up once"
    assert network.connected == [(kit.PUBLIC, 443)]
    assert network.names == ["films.example"], "TLS verifies the name"


async def test_a_name_that_changes_between_two_requests_is_checked_again(kit: Any) -> None:
    network = kit.Network([kit.answered()])
    client = GuardedClient(
        Policy(), resolve=kit.Resolver(films_example=[[kit.PUBLIC], ["169.254.169.254"]]), backend=network
    )
    await client.request("GET", "https://films.example/")
    with pytest.raises(EgressDenied):
        await client.request("GET", "https://films.example/")
    assert network.connected == [(kit.PUBLIC, 443)]


async def test_a_redirect_to_the_same_name_that_has_moved_inside_is_refused(kit: Any) -> None:
    network = kit.Network([kit.answered(status="302 Found", location="/again")])
    resolver = kit.Resolver(films_example=[[kit.PUBLIC], ["10.0.0.1"]])
    with pytest.raises(EgressDenied):
        await GuardedClient(Policy(), resolve=resolver, backend=network).request("GET", "https://films.example/")
    assert network.connected == [(kit.PUBLIC, 443)]


async def test_the_next_address_is_tried_where_the_first_does_not_answer(kit: Any) -> None:
    network = kit.Network([kit.answered(b"whole")])
    network.away = {"1.1.1.1"}
    resolver = kit.Resolver(films_example=[["1.1.1.1", kit.PUBLIC]])
    answer = await GuardedClient(Policy(), resolve=resolver, backend=network).request("GET", "https://films.example/")
    assert answer.body == b"whole"
    assert network.connected == [("1.1.1.1", 443), (kit.PUBLIC, 443)]


async def test_only_declared_hosts_and_ports_are_reached(kit: Any) -> None:
    network, resolver = kit.Network([kit.answered()]), kit.Resolver()
    policy = Policy(hosts=frozenset({"films.example:8443"}))
    client = GuardedClient(policy, resolve=resolver, backend=network)
    for url in ("https://films.example/", "https://other.example:8443/", "https://a.films.example:8443/"):
        with pytest.raises(EgressDenied):
            await client.request("GET", url)
    assert network.connected == []
    assert (await client.request("GET", "https://films.example:8443/")).status == 200
    assert network.connected == [(kit.PUBLIC, 8443)]


async def test_an_administrator_opens_a_network_and_a_host_without_tls_and_no_more(kit: Any) -> None:
    network = kit.Network([kit.answered()])
    resolver = kit.Resolver(models_home=[["10.1.2.3"]], films_example=[["10.1.3.3"]])
    policy = Policy(allowed=[ip_network("10.1.2.0/24")], plain=frozenset({"models.home:8000"}))
    client = GuardedClient(policy, resolve=resolver, backend=network)
    for url in ("http://models.home/", "http://models.home:8001/", "https://films.example/", "http://10.1.2.3/"):
        with pytest.raises(EgressDenied):
            await client.request("GET", url)
    assert network.connected == []
    assert (await client.request("GET", "http://models.home:8000/v1")).status == 200
    assert network.connected == [("10.1.2.3", 8000)]


async def test_proxies_of_the_environment_are_not_used(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    network = kit.Network([kit.answered()])
    await GuardedClient(Policy(), resolve=kit.Resolver(), backend=network).request("GET", "https://films.example/")
    assert network.connected == [(kit.PUBLIC, 443)]
