"""What the commands for backups work with: the store, the recipient's private key, the signer's public one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from core.api import InvalidInput, Storage
from core.host.home import home_folder
from core.host.host import PluginHost
from tenants.backups.chain import Head, read_head
from tenants.backups.signing import Signer
from webshell.backing_up import open_backup_store

Store = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="REELHOUSE_BACKUP_STORE",
        metavar="STORE",
        help="Where backups lie: a folder's whole path, or a storage backend that plugins.toml configures.",
    ),
]
KeyFile = Annotated[Path, typer.Option("--key", help="The file of the recipient's private key.")]
SignerKey = Annotated[
    str | None, typer.Option("--signer", metavar="HEX", help="The signer's public key; this house's if not given.")
]
Number = Annotated[int | None, typer.Argument(metavar="[N]", help="Which backup; the newest if not given.")]


@asynccontextmanager
async def opened_store(named: str) -> AsyncIterator[Storage]:
    """Open the store: a folder, or a storage backend by its id."""
    with PluginHost.load(home=home_folder()) as host:
        async with open_backup_store(host, named) as store:
            yield store


def known_signer(given: str | None) -> tuple[str, Head | None]:
    """Return the public key to verify with and, where it is this house's, the newest set that it knows of."""
    folder = home_folder() / "backups"
    if given is not None:
        return given, None
    if not (folder / "signer.key").exists():
        raise InvalidInput("this house has made no backup: give the signer's public key", path="signer")
    return Signer.at(folder).public, read_head(folder)
