"""Distributions made for tests: real metadata in a folder on the path, found as anything installed is."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST = """\
schema = 1
id = "{id}"
name = "{id}"
version = "1.0"
api = "{api}"
description = "Made for a test."
licence = "Apache-2.0"
publisher = "Acme"
icon = "plug"
module = "{package}"
"""

NEGATIVE = """\
from core.api import Effect, RgbKernel, hookimpl

@hookimpl
def reelhouse_effects():
    yield Effect(id="{id}", title="Negative", kernel=RgbKernel(lambda rgb, values, moment: 255 - rgb))
"""


def negative(plugin_id: str, name: str = "invert") -> str:
    """Return code that declares one effect of the plugin."""
    return NEGATIVE.replace("{id}", f"{plugin_id}.{name}")


def write_plugin(
    site: Path,
    name: str,
    code: str,
    *,
    contributes: dict[str, list[str]] | None = None,
    api: str = ">=1.0,<2",
    manifest: str | None = None,
    plugin_id: str | None = None,
    extra: str = "",
) -> str:
    """Write a plugin's distribution into ``site`` (its package, manifest and metadata); return the plugin's id.

    ``contributes`` defaults to the effect that ``negative`` declares. ``manifest`` replaces the manifest's text.
    """
    package, own_id = name.replace("-", "_"), plugin_id or name.replace("-", ".")
    folder = site / package
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(code, encoding="utf-8")
    listed = {"effects": [f"{own_id}.invert"]} if contributes is None else contributes
    text = MANIFEST.format(id=own_id, api=api, package=package) + extra
    text += "[contributes]\n" + "".join(f"{kind} = {ids!r}\n".replace("'", '"') for kind, ids in listed.items())
    (folder / "plugin.toml").write_text(text if manifest is None else manifest, encoding="utf-8")
    metadata = site / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(
        f"[reelhouse.plugins]\n{own_id} = {package}:plugin.toml\n", encoding="utf-8"
    )
    return own_id


@contextmanager
def on_path(*sites: Path) -> Iterator[None]:
    """Put folders on the import path; what was imported from them is forgotten afterwards."""
    before = list(sys.path)
    sys.path[:0] = [str(site) for site in sites]
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = before
        inside = tuple(str(site) for site in sites)
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(inside):
                del sys.modules[name]
        importlib.invalidate_caches()
