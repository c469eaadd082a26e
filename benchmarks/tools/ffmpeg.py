"""ffmpeg: the same edit as one filter graph, written as well as we know how.

Titles are PNGs cropped to what they cover, decoded once and looped as frames; an overlay passes frames on untouched
while its title is not there.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Command
from benchmarks.scenes import (
    AUDIO_BIT_RATE,
    CRF,
    CROSSFADE,
    MUSIC_FADE,
    MUSIC_VOLUME,
    ZOOM,
    Film,
    Inset,
    Karaoke,
    Scene,
    SlideShow,
)
from benchmarks.tools.captions import ass_document


class Ffmpeg:
    """The command line tool at ``program``."""

    name = "ffmpeg"

    def __init__(self, program: Path) -> None:
        self._program = str(program)

    def version(self) -> str:
        answer = subprocess.run([self._program, "-version"], capture_output=True, text=True, check=True)
        return answer.stdout.split()[2]

    def command(self, scene: Scene, output: Path, folder: Path) -> Command | None:
        match scene:
            case Film():
                inputs, graph, sound = _film(scene)
            case SlideShow():
                inputs, graph, sound = _slide_show(scene)
            case Inset():
                inputs, graph, sound = _inset(scene)
            case Karaoke():
                inputs, graph, sound = _karaoke(scene, folder)
            case _:
                return None
        argv = [self._program, "-y", "-nostdin", "-loglevel", "error", *inputs, "-filter_complex", ";".join(graph)]
        argv += ["-map", "[out]", *sound, *video_options(scene), "-movflags", "+faststart", str(output)]
        return Command(argv=tuple(argv))


def video_options(scene: Scene) -> list[str]:
    """Return the options of the output's video."""
    tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
    encoder = ["-c:v", "libx264", "-preset", scene.preset, "-crf", str(CRF), "-pix_fmt", "yuv420p"]
    return [*encoder, *tags, "-r", str(scene.format.fps)]


def audio_options() -> list[str]:
    """Return the options of the output's sound."""
    return ["-c:a", "aac", "-b:a", str(AUDIO_BIT_RATE)]


def _film(film: Film) -> tuple[list[str], list[str], list[str]]:
    inputs = _inputs(*film.clips)
    graph = _crossfaded([f"[{index}]" for index in range(len(film.clips))], film.start_of)
    for index, title in enumerate(film.titles):
        if title.picture is None:
            raise ValueError(f"the title {title.text!r} has not been drawn")
        source = len(film.clips) + index
        inputs += ["-i", str(title.picture.path)]
        fps = film.format.fps
        frames = round(title.duration * fps)
        fade_out = title.duration - title.fade
        box = title.picture.box
        looped = f"[{source}]format=yuva420p,loop={frames - 1}:1,setpts=N/{fps}/TB"
        fades = f"fade=in:d={title.fade}:alpha=1,fade=out:st={fade_out:.6f}:d={title.fade}:alpha=1"
        graph += [
            f"{looped},{fades},setpts=PTS+{title.start}/TB[title{index}]",
            f"[mixed{index}][title{index}]overlay={box.x}:{box.y}:eof_action=pass[mixed{index + 1}]",
        ]
    logo, music = len(film.clips) + len(film.titles), len(film.clips) + len(film.titles) + 1
    inputs += _inputs(film.material.logo, film.material.music)
    corner = film.logo_box
    cut = f"volume={MUSIC_VOLUME},atrim=duration={film.seconds}"
    graph += [
        f"[{logo}]format=yuva420p[logo]",
        f"[mixed{len(film.titles)}][logo]overlay={corner.x}:{corner.y}[out]",
        f"[{music}]{cut},afade=out:st={film.seconds - MUSIC_FADE}:d={MUSIC_FADE}[sound]",
    ]
    return inputs, graph, ["-map", "[sound]", *audio_options()]


def _crossfaded(pads: list[str], start_of: Callable[[int], float]) -> list[str]:
    """Mix inputs one after another into ``[mixed0]``."""
    graph, before = [], pads[0]
    for index, pad in enumerate(pads[1:], start=1):
        mixed = "[mixed0]" if index == len(pads) - 1 else f"[cross{index}]"
        graph.append(f"{before}{pad}xfade=fade:{CROSSFADE}:{start_of(index)}{mixed}")
        before = mixed
    return graph


def _slide_show(show: SlideShow) -> tuple[list[str], list[str], list[str]]:
    """Zoom with zoompan, which moves by whole pixels of the source: it jitters, but it is what ffmpeg has."""
    form = show.format
    frames = round(show.slide_seconds * form.fps)
    graph = [
        f"[{index}]zoompan=z='1+{ZOOM - 1:.6f}*(on+0.5)/{frames}':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2'"
        f":d={frames}:s={form.width}x{form.height}:fps={form.fps},"
        f"scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[slide{index}]"
        for index in range(len(show.stills))
    ]
    graph += _crossfaded([f"[slide{index}]" for index in range(len(show.stills))], show.start_of)
    graph.append("[mixed0]null[out]")
    return _inputs(*show.stills), graph, []


def _inset(scene: Inset) -> tuple[list[str], list[str], list[str]]:
    box, pairs = scene.box, scene.pairs
    inputs = _inputs(*(clip for pair in pairs for clip in pair), scene.mask)
    below = "".join(f"[{2 * index}]" for index in range(len(pairs)))
    above = "".join(f"[small{index}]" for index in range(len(pairs)))
    graph = [
        f"{below}concat=n={len(pairs)}[below]",
        *(f"[{2 * index + 1}]scale={box.width}:{box.height}[small{index}]" for index in range(len(pairs))),
        f"{above}concat=n={len(pairs)}[above]",
        f"[{2 * len(pairs)}]format=gray,loop=-1:1,setpts=N/{scene.format.fps}/TB[mask]",
        "[above][mask]alphamerge=shortest=1[cut]",
        f"[below][cut]overlay={box.x}:{box.y}[out]",
    ]
    return inputs, graph, []


def _karaoke(scene: Karaoke, folder: Path) -> tuple[list[str], list[str], list[str]]:
    subtitles = folder / "captions.ass"
    subtitles.write_text(ass_document(scene))
    pads = "".join(f"[{index}]" for index in range(len(scene.clips)))
    graph = [
        f"{pads}concat=n={len(scene.clips)}[plain]",
        f"[plain]ass=filename={_escaped(subtitles)}:fontsdir={_escaped(scene.font.parent)}[out]",
    ]
    return _inputs(*scene.clips), graph, []


def _inputs(*files: Path) -> list[str]:
    return [word for file in files for word in ("-i", str(file))]


def _escaped(path: Path) -> str:
    """Quote a path for a filter's argument."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "'\\''").replace(":", "\\:") + "'"
