"""Real media work for tests of the cage: films made in a caged child, through the engine and all its encoders."""

from fractions import Fraction
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import av
from PIL import Image

import core.cage.filter
import core.cage.offer
from core.api import EncodeJob, JsonValue, parse_values
from core.cage import tell
from core.host.host import PluginHost
from core.media.audio.samples import RATE
from core.media.compositor import Compositor
from core.media.encode import open_session
from core.media.layers.opening import Materials
from core.media.probe import probe
from core.media.text.fonts import FontLibrary
from core.render.mastering import master
from core.render.pipeline import AudioFeed, encode
from core.timeline.plan import MediaFile
from tests.support.sync import write_flash_and_beep
from tests.support.timelines import document, plan_of_document

CLIP, PICTURE = "clip.mp4", "red.png"
SECONDS = 2

_warm: list[PluginHost] = []


def warm_up(home: Path) -> None:
    """Import what films are made with: PyAV whole, as it imports parts of itself late, and all plugins."""
    for module in walk_packages(av.__path__, "av."):
        if module.name != "av.__main__":
            import_module(module.name)
    host = PluginHost.load(home=home)
    host.catalogue()
    _warm.append(host)


def warm_up_without_namespaces(home: Path) -> None:
    """Warm up as on a kernel that offers no namespaces to who is not root."""
    core.cage.offer.offered_namespaces = lambda: ()
    warm_up(home)


def warm_up_with_landlock_alone(home: Path) -> None:
    """Warm up as on a kernel that offers Landlock and nothing else."""
    core.cage.filter.is_offered = lambda _machine: False
    warm_up_without_namespaces(home)


def warm_up_with_seccomp_alone(home: Path) -> None:
    """Warm up as on a kernel that offers seccomp and nothing else."""
    core.cage.offer.landlock_abi = lambda: 0
    warm_up_without_namespaces(home)


def warm_up_with_namespaces_alone(home: Path) -> None:
    """Warm up as on a kernel that offers namespaces and nothing else."""
    core.cage.filter.is_offered = lambda _machine: False
    core.cage.offer.landlock_abi = lambda: 0
    warm_up(home)


def lay_out(folder: Path) -> Path:
    """Put the films' clip, with sound, and their picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_flash_and_beep(folder / CLIP, fps=Fraction(30), seconds=SECONDS, size=(320, 180))
    Image.new("RGB", (64, 64), (255, 0, 0)).save(folder / PICTURE)
    return folder


def make_film(encoder_id: str, folder: Path, *, width: int = 320, height: int = 180) -> dict[str, JsonValue]:
    """Decode, composite (a clip, a picture, a title), mix and encode two seconds of film; return what a probe says."""
    [host] = _warm
    catalogue = host.catalogue()
    encoder = catalogue.encoders[encoder_id]
    files = {f"file:{name}": folder / name for name in (CLIP, PICTURE)}
    media = {src: MediaFile(path=path, sha256=path.name, probe=probe(path)) for src, path in files.items()}
    plan = plan_of_document(
        document(
            tracks=[
                {"clips": [{"start": 0, "asset": {"type": "video", "src": f"file:{CLIP}"}}]},
                {
                    "clips": [
                        {
                            "start": 0,
                            "duration": "end",
                            "width": 0.25,
                            "height": 0.25,
                            "x": 0.2,
                            "asset": {"type": "image", "src": f"file:{PICTURE}"},
                        }
                    ]
                },
                {"clips": [{"start": 0, "duration": "end", "asset": {"type": "text", "text": "Grüße, عالم"}}]},
            ],
            output={"width": width, "height": height, "encoder": encoder_id, "quality": "draft"},
        ),
        catalogue,
        media=media,
    )
    materials = Materials(media=media, catalogue=catalogue, fonts=FontLibrary())
    values, _ = parse_values(encoder.params, encoder.presets.get("draft", {}))
    draws = encoder.video is not None or encoder.open is not None
    has_audio = encoder.audio is not None
    path = folder / f"film{plan.output.extension}"
    frames = 1 if encoder.is_still else plan.frames
    session = open_session(
        encoder,
        EncodeJob(
            path=path,
            width=width,
            height=height,
            fps=plan.fps if draws else None,
            frames=frames if draws else 0,
            has_audio=has_audio,
            values=values,
            sample_rate=RATE,
        ),
    )
    audio = master(plan, materials, scratch=folder).audio if has_audio else None
    compositor = Compositor(plan, materials)
    draw = compositor.rgba_frame if encoder.has_alpha else compositor.frame
    encode(
        session.write_video,
        (draw(number) for number in range(frames if draws else 0)),
        fps=plan.fps,
        audio=AudioFeed(session, audio.blocks(), RATE) if audio else None,
        on_encoded=lambda done: tell({"frames": done}),
    )
    session.close()
    compositor.close()
    if path.is_dir():
        return {"kind": "folder", "files": len(list(path.iterdir()))}
    made = probe(path)
    return {"kind": made.kind, "codec": made.codec, "has_audio": made.has_audio}
