"""Wheels made for tests: honest ones, and those with something wrong."""

import base64
import hashlib
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.distributions import MANIFEST, negative


def digest_of(content: bytes) -> str:
    """Return a hash as RECORD writes it."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def write_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    code: str | None = None,
    requires: tuple[str, ...] = (),
    api: str = ">=1.0,<2",
    manifest: str = "",
    files: Mapping[str, bytes] | None = None,
    unrecorded: Mapping[str, bytes] | None = None,
    changed: Mapping[str, bytes] | None = None,
    links: Mapping[str, str] | None = None,
    is_plugin: bool = True,
) -> Path:
    """Write a wheel of a plugin, or of a plain package.

    ``files`` are more files, ``unrecorded`` ones that RECORD does not name, ``changed`` what files hold in place of
    what RECORD says, ``links`` symbolic links. ``manifest`` is added to the manifest's text.
    """
    package, plugin_id = name.replace("-", "_"), name.replace("-", ".")
    info = f"{package}-{version}.dist-info"
    content = {
        f"{package}/__init__.py": (negative(plugin_id) if code is None else code).encode(),
        f"{info}/METADATA": "".join(
            [
                f"Metadata-Version: 2.3\nName: {name}\nVersion: {version}\n",
                *(f"Requires-Dist: {each}\n" for each in requires),
            ]
        ).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if is_plugin:
        text = MANIFEST.format(id=plugin_id, api=api, package=package).replace(
            'version = "1.0"', f'version = "{version}"'
        )
        text += manifest + f'[contributes]\neffects = ["{plugin_id}.invert"]\n'
        content[f"{package}/plugin.toml"] = text.encode()
        content[f"{info}/entry_points.txt"] = f"[reelhouse.plugins]\n{plugin_id} = {package}:plugin.toml\n".encode()
    content.update(files or {})
    record = "".join(f"{path},{digest_of(data)},{len(data)}\n" for path, data in content.items())
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{package}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in {**content, **(changed or {}), **(unrecorded or {})}.items():
            archive.writestr(path, data)
        for path, target in (links or {}).items():
            link = zipfile.ZipInfo(path)
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return wheel
