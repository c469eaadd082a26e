"""A provider of the files in a folder: ``provider:library/<path in the folder>``.

The folder is the ``folder`` setting, else the timeline's own. A file ``clip.mp4`` may have its provenance beside it, in
``clip.mp4.credits.json``::

    {"title": "Dawn", "creator": "Ada", "source_url": "https://…",
     "licence": {"id": "CC-BY-4.0", "url": "https://…", "attribution": "Dawn by Ada, CC BY 4.0", "flags": []}}
"""

from collections.abc import Iterable

from core.api import AssetKind, AssetProvider, Parameter, ParameterType, hookimpl
from plugins.providers.library.folder import Library

FOLDER = Parameter(
    name="folder",
    title="Folder",
    type=ParameterType.TEXT,
    default="",
    help="Empty takes the timeline's own folder.",
    is_operator_only=True,
)


@hookimpl
def reelhouse_asset_providers() -> Iterable[AssetProvider]:
    yield AssetProvider(
        id="library",
        title="Library",
        description="Media files and lookup tables of a folder, with their credits.",
        kinds=frozenset(AssetKind),
        params=(FOLDER,),
        open=Library,
    )
