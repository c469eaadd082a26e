"""The commands ``reelhouse backup …``: make, list, verify and restore backups of the house, and try restoring."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.api import InvalidInput
from tenants.backups.chain import Link
from tenants.backups.manifest import Manifest
from tenants.backups.recipients import make_recipient, recipient_at
from tenants.backups.restoring import Restored, restore_backup
from tenants.backups.signing import Signer
from tenants.backups.verifying import Verified, list_backups, verify_backup
from tenants.control.audit import record
from tenants.house.backing_up import back_up, source_of
from tenants.house.house import House
from tenants.house.unsealing import masters_of
from tenants.keys import harden_process
from tenants.keys.sources.private_file import create_private
from webshell.cli import drilling
from webshell.cli.drilling import told_vaults
from webshell.cli.errors import FAILED
from webshell.cli.in_house import actor, house_settings, in_house, with_passphrase
from webshell.cli.in_store import KeyFile, Number, SignerKey, Store, known_signer, opened_store

app = typer.Typer(name="backup", help="Back the house up, and restore it.", no_args_is_help=True)

app.add_typer(drilling.app)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

console = Console()


@app.command("recipient")
def recipient(file: Annotated[Path, typer.Argument(help="Where to put its private key.")]) -> None:
    """Make a recipient: who can read backups. Take the file away from the house, and give the house the public key."""
    harden_process()
    public, private = make_recipient()
    if not create_private(file.absolute(), private.reveal() + b"\n"):
        raise InvalidInput(f"{file} is there already", path="file")
    typer.echo(public)


@app.command("create")
def create(
    store: Store,
    recipients: Annotated[
        list[str],
        typer.Option(
            "--recipient", envvar="REELHOUSE_BACKUP_RECIPIENTS", metavar="HEX", help="A recipient's public key."
        ),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Make a backup of the house, which goes on meanwhile."""

    async def made(house: House) -> tuple[Manifest, str]:
        source = source_of(house)
        async with opened_store(store) as opened:
            manifest = await back_up(source, opened, recipients=recipients, now=datetime.now(UTC))
        await record(actor(), "backup.create", "house", sequence=manifest.sequence)
        return manifest, Signer.at(source.folder).public

    manifest, signer = in_house(made, needs_keys=True)
    if as_json:
        _print_json(_facts(manifest) | {"signer": signer})
    else:
        console.print(f"Made backup {manifest.sequence}, with {told_vaults(len(manifest.vaults))}.")
        console.print(Text(f"Keep the signer's public key where the recipient's private one is: {signer}", "dim"))
        for tenant, why in manifest.failed.items():
            console.print(Text(f"not copied: tenant {tenant}: {why}", "red"))
    if manifest.failed:
        raise typer.Exit(FAILED)


@app.command("list")
def list_sets(store: Store, signer: SignerKey = None, as_json: JsonFlag = False) -> None:
    """List the backups in a store."""
    public, head = known_signer(signer)

    async def listed() -> Sequence[Link]:
        async with opened_store(store) as opened:
            return await list_backups(opened, signer=public, head=head)

    found = [_facts(link.manifest) for link in asyncio.run(listed())]
    if as_json:
        _print_json({"backups": found})
        return
    if not found:
        console.print("There are no backups yet. Make one: reelhouse backup create")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Backup", "Made", "Vaults", "Not copied"):
        table.add_column(title, justify="left" if title == "Made" else "right")
    for each in found:
        table.add_row(str(each["sequence"]), each["created"], str(each["vaults"]), str(len(each["failed"])))
    console.print(table)


@app.command("verify")
def verify(
    store: Store,
    number: Number = None,
    signer: SignerKey = None,
    key: Annotated[Path | None, typer.Option("--key", help="The recipient's private key: each part is opened.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check that a backup is what the house wrote, all of it."""
    harden_process()
    public, head = known_signer(signer)

    async def verified(scratch: Path) -> Verified:
        reader = recipient_at(key) if key else None
        async with opened_store(store) as opened:
            return await verify_backup(
                opened, signer=public, head=head, sequence=number, recipient=reader, scratch=scratch
            )

    with TemporaryDirectory(prefix="reelhouse-verify-") as scratch:
        found = asyncio.run(verified(Path(scratch)))
    if as_json:
        _print_json(_facts(found.manifest) | {"has_keys": found.has_keys, "was_decrypted": found.was_decrypted})
        return
    console.print(f"Backup {found.manifest.sequence} is whole" + (", and opens." if found.was_decrypted else "."))
    if not found.has_keys:
        console.print("Its own copy of the keys is past its time: the newest one opens it.")


@app.command("restore")
def restore(
    store: Store, key: KeyFile, number: Number = None, signer: SignerKey = None, as_json: JsonFlag = False
) -> None:
    """Restore a house into REELHOUSE_HOME and REELHOUSE_DATABASE, where there is none. Needs its master key, too."""
    harden_process()
    settings = house_settings()
    public, head = known_signer(signer)

    async def restored() -> Restored:
        masters = await with_passphrase(settings, lambda passphrase: masters_of(settings, passphrase))
        async with opened_store(store) as opened:
            return await restore_backup(
                opened,
                home=settings.home,
                database=settings.database,
                masters=masters,
                recipient=recipient_at(key),
                signer=public,
                sequence=number,
                head=head,
            )

    found = asyncio.run(restored())
    if as_json:
        lost = {str(tenant): why for tenant, why in found.lost.items()}
        _print_json({"sequence": found.sequence, "vaults": len(found.tenants), "lost": lost})
    else:
        console.print(f"Restored backup {found.sequence}, with {told_vaults(len(found.tenants))}.")
        for tenant, why in found.lost.items():
            console.print(Text(f"not restored: tenant {tenant}: {why}", "red"))
    if found.lost:
        raise typer.Exit(FAILED)


def _facts(manifest: Manifest) -> dict[str, Any]:
    return {
        "sequence": manifest.sequence,
        "created": manifest.created.isoformat(timespec="seconds"),
        "vaults": len(manifest.vaults),
        "failed": {str(tenant): why for tenant, why in manifest.failed.items()},
    }


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
