"""Settings: the file, the environment over it, and what is refused with which words."""

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest

from core.api import InvalidInput
from webshell.settings import Settings, Tables, read_settings

type Read = Callable[..., Settings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def from_text(text: str | None = None, environment: Mapping[str, str] | None = None) -> Settings:
        if text is not None:
            (tmp_path / "reelhouse.toml").write_text(text, encoding="utf-8")
        return read_settings(tmp_path, environment or {})

    return from_text


def test_without_a_file_everything_has_a_default(read: Read) -> None:
    server = read().tables.server
    assert (server.host, server.port, server.public_url, server.trusted_proxies) == ("127.0.0.1", 8000, "", ())
    assert server.metrics_from == (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def test_the_environment_goes_over_the_file(read: Read) -> None:
    settings = read(
        'database = "postgres://file"\n[server]\nport = 80\nhost = "::"\n',
        {"REELHOUSE_SERVER_PORT": "81", "REELHOUSE_DATABASE": "", "PATH": "/bin"},
    )
    assert (settings.tables.server.port, settings.tables.server.host) == (81, "::")
    assert settings.tables.database == "postgres://file"


def test_rooms_below_read_both_as_an_environment(read: Read) -> None:
    settings = read(
        'safe_mode = true\ndask = "tcp://a:1"\n[server]\ntrusted_proxies = ["10.0.0.0/8", "::1/128"]\n',
        {"REELHOUSE_DASK": "tcp://b:2"},
    )
    assert settings.environment == {
        "REELHOUSE_SAFE_MODE": "1",
        "REELHOUSE_DASK": "tcp://b:2",
        "REELHOUSE_SERVER_TRUSTED_PROXIES": "10.0.0.0/8,::1/128",
    }
    assert settings.tables.server.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def test_lists_in_the_environment_have_commas(read: Read) -> None:
    server = read(None, {"REELHOUSE_SERVER_TRUSTED_PROXIES": "10.0.0.0/8, ::1/128"}).tables.server
    assert server.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("text", "environment", "where", "words"),
    [
        ("[server]\nprot = 1\n", {}, "reelhouse.toml: server.prot", 'did you mean "port"?'),
        ("[sever]\nport = 1\n", {}, "reelhouse.toml: sever", 'did you mean "server"?'),
        ("[server]\nport = 65536\n", {}, "reelhouse.toml: server.port", "less than or equal to 65535"),
        ("port = 1", {}, "reelhouse.toml: port", "unknown setting"),
        ("server = 1", {}, "reelhouse.toml: server", "valid dictionary"),
        ("[server", {}, "reelhouse.toml", "not TOML"),
        ("", {"REELHOUSE_SERVER_PRT": "1"}, "REELHOUSE_SERVER_PRT", 'did you mean "REELHOUSE_SERVER_PORT"?'),
        ("", {"REELHOUSE_SERVER_PORT": "many"}, "REELHOUSE_SERVER_PORT", "valid integer"),
        (
            "",
            {"REELHOUSE_SERVER_TRUSTED_PROXIES": "10.0.0.1/8"},
            "REELHOUSE_SERVER_TRUSTED_PROXIES",
            "not a valid IPv4 network",
        ),
        ("", {"REELHOUSE_SERVER_PUBLIC_URL": "videos.example.com"}, "REELHOUSE_SERVER_PUBLIC_URL", "must be a scheme"),
        ('[server]\ntls_key = "a.pem"\n', {}, "reelhouse.toml: server", "tls_certificate and tls_key go together"),
        ('[master]\nkey = "AAAA"\n', {}, "reelhouse.toml: master.key", "unknown setting"),
    ],
)
def test_what_is_wrong_is_refused_where_it_was_said(
    read: Read, text: str, environment: Mapping[str, str], where: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(text, environment)
    assert refused.value.path is not None
    assert refused.value.path.endswith(where)
    assert words in str(refused.value)


def test_a_wrong_value_is_not_repeated(read: Read) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(None, {"REELHOUSE_SERVER_PORT": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(refused.value)


def test_a_file_that_is_named_must_be_there(read: Read, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be read"):
        read(None, {"REELHOUSE_SETTINGS": str(tmp_path / "nowhere.toml")})
    (tmp_path / "other.toml").write_text("[server]\nport = 99\n")
    assert read("[server]\nport = 1\n", {"REELHOUSE_SETTINGS": str(tmp_path / "other.toml")}).tables.server.port == 99


def test_the_documentation_names_every_setting() -> None:
    page = (Path(__file__).parents[3] / "docs" / "settings.md").read_text()
    for name, field in Tables.model_fields.items():
        table = getattr(field.annotation, "model_fields", None)
        for setting in [f"{name}.{key}" for key in table] if table else [name]:
            assert f"`{setting}`" in page
