"""Catalogues: what one offers, by whose word; and the commands that use one."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.api import InvalidInput, NotFound
from core.market.catalogue import Catalogue, write_catalogue
from core.market.failures import Untrusted
from core.market.publishers import make_key, read_publishers, sign, trust
from tests.support.wheels import write_wheel
from webshell.cli.main import app


@pytest.fixture
def stall(tmp_path: Path) -> Path:
    """Return a folder with a catalogue and two versions of a plugin, signed by who is trusted in ``tmp_path``."""
    folder = tmp_path / "stall"
    trust(tmp_path / "market", "Acme", make_key(tmp_path / "key"))
    for number, api in (("1.0", ">=1.0,<2"), ("1.10", ">=1.0,<2"), ("2.0", ">=9")):
        sign(write_wheel(folder, "acme-invert", number, api=api), "Acme", tmp_path / "key")
    sign(write_catalogue(folder, "Acme's", folder.glob("*.whl")), "Acme", tmp_path / "key")
    return folder


def opened(stall: Path) -> Catalogue:
    return Catalogue(stall, read_publishers(stall.parent / "market"))


def test_a_catalogue_tells_what_it_offers(stall: Path) -> None:
    catalogue = opened(stall)
    assert (catalogue.name, catalogue.publisher) == ("Acme's", "Acme")
    assert [(each.version, each.fits) for each in catalogue.offers] == [("1.0", True), ("1.10", True), ("2.0", False)]
    assert catalogue.offer("acme.invert").version == "1.10"
    assert catalogue.offer("acme.invert", "1.0").contributes == {"effects": ("acme.invert.invert",)}
    assert catalogue.wheel(catalogue.offer("acme.invert")).name == "acme_invert-1.10-py3-none-any.whl"
    for plugin_id, version in (("acme.invert", "3.0"), ("acme.other", "")):
        with pytest.raises(NotFound):
            catalogue.offer(plugin_id, version)


def test_a_changed_catalogue_or_wheel_is_refused(stall: Path) -> None:
    catalogue = opened(stall)
    offer = catalogue.offer("acme.invert", "1.0")
    write_wheel(stall, "acme-invert", "1.0", files={"acme_invert/evil.py": b"evil"})
    with pytest.raises(Untrusted, match="is not what the catalogue says"):
        catalogue.wheel(offer)
    path = stall / "catalogue.json"
    path.write_text(path.read_text().replace("Made for", "Fit for"))
    with pytest.raises(Untrusted, match="is not what Acme has signed"):
        opened(stall)
    path.with_name("catalogue.json.sig").unlink()
    with pytest.raises(Untrusted, match="is not signed"):
        opened(stall)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "schema"),
        ({"schema": 2, "name": "x", "plugins": []}, "schema"),
        ({"schema": 1, "name": "x", "plugins": [{}]}, "plugins.0.id"),
        ({"schema": 1, "name": "x" * 501, "plugins": []}, "name"),
    ],
)
def test_a_malformed_catalogue_is_told_by_its_place(stall: Path, document: object, words: str) -> None:
    (stall / "catalogue.json").write_text(json.dumps(document))
    sign(stall / "catalogue.json", "Acme", stall.parent / "key")
    with pytest.raises(InvalidInput, match=words):
        opened(stall)


def test_an_offer_may_not_name_a_file_elsewhere(stall: Path) -> None:
    path = stall / "catalogue.json"
    path.write_text(path.read_text().replace("acme_invert-1.0-py3", "../acme_invert-1.0-py3"))
    sign(path, "Acme", stall.parent / "key")
    with pytest.raises(InvalidInput, match=r"plugins\.0\.wheel"):
        opened(stall)


def test_the_commands_lead_from_a_key_to_a_plugin_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELHOUSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    wheel = write_wheel(tmp_path / "stall", "acme-invert", manifest='[capabilities]\nnet = ["a.example:443"]\n')

    def reelhouse(*arguments: object, code: int = 0, says: str = "", given: str | None = None) -> Result:
        said = CliRunner().invoke(app, ["market", *map(str, arguments)], input=given)
        assert (said.exit_code, says in said.output) == (code, True), said.output
        return said

    public = reelhouse("key", tmp_path / "key").stdout.strip()
    reelhouse("key", tmp_path / "key", code=2, says="never written over")
    reelhouse("install", wheel, "--yes", code=2, says="is not signed")
    reelhouse("sign", wheel, "--as", "Acme", "--key", tmp_path / "key", says=".whl.sig")
    reelhouse("install", wheel, "--yes", code=2, says="whom nobody here trusts")
    reelhouse("trust", "Acme", public, says="Trusted: Acme")
    reelhouse("offer", tmp_path / "stall", "--as", "Acme", "--key", tmp_path / "key", says="catalogue.json")
    offered = json.loads(reelhouse("browse", tmp_path / "stall", "--json").stdout)
    assert [each["id"] for each in offered["offers"]] == ["acme.invert"]
    reelhouse("browse", tmp_path / "stall", says="acme.invert 1.0  Made for a test.")
    reelhouse("install", wheel, code=1, says="Aborted", given="n\n")
    reelhouse("list", says="No plugin was installed here.")
    shown = reelhouse("install", wheel, says="Installed acme.invert 1.0", given="y\n").output
    assert "a.example:443" in shown
    reelhouse("check", "acme.invert", says="effect acme.invert.invert")
    assert json.loads(reelhouse("list", "--json").stdout) == {
        "installed": [{"id": "acme.invert", "version": "1.0", "publisher": "Acme"}]
    }
    reelhouse("rollback", "acme.invert", code=2, says="no version of acme.invert before this one")
    reelhouse("remove", "acme.invert", says="Removed acme.invert")
    reelhouse("remove", "acme.invert", code=2, says='no plugin "acme.invert" was installed here')
