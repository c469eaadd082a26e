"""Storage in a folder. ``docs/storage.md`` tells how it lies there."""

from collections.abc import Iterable
from pathlib import Path

from core.api import Parameter, ParameterType, PluginContext, Storage, StorageBackend, hookimpl
from plugins.storage.local.store import LocalStorage

FOLDER = Parameter(
    name="folder",
    title="Folder",
    type=ParameterType.TEXT,
    default="",
    help="Where the files lie; empty for a folder of the plugin's own.",
    is_operator_only=True,
)


def open_local(context: PluginContext) -> Storage:
    """Open the store in its configured folder, made if need be; raise ``ConfigInvalid`` where that can't be."""
    given = context.config.text("folder")
    return LocalStorage.open(Path(given).expanduser() if given else context.folder / "objects")


@hookimpl
def reelhouse_storage_backends() -> Iterable[StorageBackend]:
    yield StorageBackend(
        id="local",
        title="Folder",
        description="A folder of this machine, or one that it mounts.",
        params=(FOLDER,),
        open=open_local,
    )
