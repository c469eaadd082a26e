"""The commands ``reelhouse market …``: install plugins of others, and offer one's own."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from core.api import InvalidInput
from core.host.home import home_folder
from core.host.shelf import MARKET, Shelf
from core.market import publishers
from core.market.catalogue import Catalogue, write_catalogue
from core.market.market import Consent, Market, Plan
from core.market.resolving import Source
from core.market.wheel import read_wheel

app = typer.Typer(name="market", help="Install plugins of others, and offer your own.", no_args_is_help=True)
console = Console(highlight=False)

PluginId = Annotated[str, typer.Argument(metavar="ID", help="The plugin's id.")]
KeyFile = Annotated[Path, typer.Option("--key", help="The file of your key.", dir_okay=False)]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
_Folder = Annotated[
    Path, typer.Argument(file_okay=False, exists=True, help="A folder with a catalogue and its wheels.")
]


@app.command("install")
def install(
    wheel: Annotated[Path, typer.Argument(dir_okay=False, exists=True, help="The plugin's wheel.")],
    agree: Annotated[bool, typer.Option("--yes", help="Agree to what it may reach without being asked.")] = False,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Install it though nobody vouches for it.")] = False,
    index: Annotated[str, typer.Option("--index", help="A package index for what it needs; none if not given.")] = "",
) -> None:
    """Install a plugin into this installation: shown first, then checked, tried out, and used from the next start."""
    market = Market(
        home_folder(),
        source=Source(index=index),
        unsigned=frozenset({_id_of(wheel)}) if unsigned else frozenset(),
    )
    plan = market.plan(wheel)
    _show_plan(plan)
    if not agree:
        typer.confirm("Install it?", abort=True)
    manifest = plan.wheel.manifest
    consent = Consent(sha256=plan.wheel.sha256, hosts=manifest.net, secrets=manifest.secrets)
    placed, findings = market.install(wheel, consent, now=datetime.now(UTC))
    console.print(Text.assemble(("Installed ", "green"), (placed.id, "bold"), f" {placed.version}"))
    for finding in findings:
        if finding.reason:
            console.print(Text(f"  {finding.what}: {finding.reason}", "dim"))


@app.command("list")
def list_installed(as_json: JsonFlag = False) -> None:
    """List the plugins that were installed here, with who vouched for each."""
    found = Shelf(home_folder()).installed()
    if as_json:
        facts = [{"id": each.id, "version": each.version, "publisher": each.publisher or None} for each in found]
        typer.echo(json.dumps({"installed": facts}, ensure_ascii=False))
        return
    for each in found:
        console.print(
            Text.assemble((each.id, "bold cyan"), f" {each.version}  ", (each.publisher or "unsigned", "dim"))
        )
    if not found:
        console.print("No plugin was installed here.")


@app.command("check")
def check(plugin_id: PluginId) -> None:
    """Try an installed plugin out again; one that fails is rolled back to the version before."""
    for finding in Market(home_folder()).check(plugin_id):
        console.print(Text.assemble(("✓ ", "green"), finding.what, (f"  {finding.reason}", "dim")))


@app.command("rollback")
def roll_back(plugin_id: PluginId) -> None:
    """Use the version before again, from the next start on."""
    used = Shelf(home_folder()).roll_back(plugin_id)
    console.print(Text.assemble((used.id, "bold"), f" {used.version} is in use again"))


@app.command("remove")
def remove(plugin_id: PluginId) -> None:
    """Remove an installed plugin, all versions of it."""
    Shelf(home_folder()).remove(plugin_id)
    console.print(Text.assemble("Removed ", (plugin_id, "bold")))


@app.command("trust")
def trust(
    name: Annotated[str, typer.Argument(help="The publisher's name, as in its signatures.")],
    key: Annotated[str, typer.Argument(help="Its public key.")],
) -> None:
    """Trust a publisher: what it signs may be installed here."""
    publishers.trust(home_folder() / MARKET, name, key)
    console.print(Text.assemble("Trusted: ", (name, "bold")))


@app.command("key")
def make_key(
    path: Annotated[Path, typer.Argument(dir_okay=False, help="Where the key shall lie; kept secret.")],
) -> None:
    """Make a publisher's key; its public part is printed, for others to trust."""
    if path.exists():
        raise InvalidInput(f"{path} is there already: a key is never written over", path=str(path))
    typer.echo(publishers.make_key(path))


@app.command("sign")
def sign(
    files: Annotated[list[Path], typer.Argument(dir_okay=False, exists=True, help="Wheels, or a catalogue.")],
    name: Annotated[str, typer.Option("--as", help="Your name as a publisher.")],
    key: KeyFile,
) -> None:
    """Vouch for wheels or a catalogue: a signature is written beside each."""
    for path in files:
        typer.echo(publishers.sign(path, name, key))


@app.command("offer")
def offer(
    folder: _Folder,
    name: Annotated[str, typer.Option("--as", help="Your name as a publisher.")],
    key: KeyFile,
) -> None:
    """Write and sign the catalogue of a folder's wheels."""
    path = write_catalogue(folder, name, folder.glob("*.whl"))
    publishers.sign(path, name, key)
    typer.echo(path)


@app.command("browse")
def browse(folder: _Folder, as_json: JsonFlag = False) -> None:
    """List what a catalogue offers."""
    catalogue = Catalogue(folder, publishers.read_publishers(home_folder() / MARKET))
    if as_json:
        offers = [each.model_dump(mode="json") for each in catalogue.offers]
        typer.echo(json.dumps({"name": catalogue.name, "publisher": catalogue.publisher, "offers": offers}))
        return
    console.print(Text.assemble((catalogue.name, "bold"), f", by {catalogue.publisher}"))
    for each in catalogue.offers:
        note = "" if each.fits else f"  asks for api {each.api}"
        console.print(Text.assemble(("  " + each.id, "cyan"), f" {each.version}  {each.description}", (note, "yellow")))


def _id_of(wheel: Path) -> str:
    return read_wheel(wheel).manifest.id


def _show_plan(plan: Plan) -> None:
    manifest = plan.wheel.manifest
    console.print(Text.assemble((manifest.name, "bold"), f" {plan.wheel.version}  ", (manifest.id, "cyan")))
    console.print(manifest.description)
    facts = {
        "Publisher": plan.publisher or "nobody vouches for it",
        "Licence": manifest.licence,
        "Calls": ", ".join(manifest.net) or "nobody",
        "Secrets": ", ".join(manifest.secrets) or "none",
        "Brings": ", ".join(f"{name} {version}" for name, version in plan.brings.items()),
        "Replaces": f"version {plan.replaces}" if plan.replaces else "nothing",
    }
    for name, fact in facts.items():
        console.print(Text.assemble((f"  {name:<10}", "dim"), fact))
    console.print(Text("  Changes nothing of the host. Its code runs with all rights of this installation.", "dim"))
