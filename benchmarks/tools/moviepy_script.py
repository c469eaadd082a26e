"""Renders one scene with MoviePy, written as its documentation shows. Runs in MoviePy's own environment.

Called as ``python moviepy_script.py EDIT.json OUTPUT``.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from moviepy import (
    AudioFileClip,
    CompositeVideoClip,
    ImageClip,
    VideoClip,
    VideoFileClip,
    afx,
    concatenate_videoclips,
    vfx,
)
from PIL import Image, ImageDraw, ImageFont

type Json = dict[str, Any]

LIT = (255, 210, 63, 255)
WHITE = (255, 255, 255, 255)
BLACK = (0, 0, 0, 255)


def film(edit: Json) -> VideoClip:
    """Compose clips that fade in over one another, fading titles, a logo and music."""
    layers = []
    for index, (path, start) in enumerate(edit["clips"]):
        clip = VideoFileClip(path, audio=False).with_start(start)
        layers.append(clip.with_effects([vfx.CrossFadeIn(edit["crossfade"])]) if index else clip)
    for title in edit["titles"]:
        fades = [vfx.CrossFadeIn(title["fade"]), vfx.CrossFadeOut(title["fade"])]
        picture = ImageClip(title["picture"]["path"]).with_duration(title["duration"]).with_start(title["start"])
        layers.append(picture.with_effects(fades).with_position(corner(title["picture"]["box"])))
    layers.append(ImageClip(edit["logo"]).with_duration(edit["seconds"]).with_position(corner(edit["logo_box"])))
    music = AudioFileClip(edit["music"]).with_volume_scaled(edit["volume"]).subclipped(0, edit["seconds"])
    video = CompositeVideoClip(layers, size=edit["size"]).with_duration(edit["seconds"])
    return video.with_audio(music.with_effects([afx.AudioFadeOut(edit["fade"])]))


def slides(edit: Json) -> VideoClip:
    """Compose stills that grow about their middle and fade in over one another."""
    wide, high = edit["size"]
    seconds, growth = edit["slide_seconds"], edit["zoom"] - 1
    layers = []
    for index, (path, start) in enumerate(edit["stills"]):
        still = ImageClip(path).with_duration(seconds)
        fit = wide / still.w
        moving = still.resized(lambda t, fit=fit: fit * (1 + growth * t / seconds)).with_position("center")
        slide = CompositeVideoClip([moving], size=(wide, high)).with_duration(seconds).with_start(start)
        layers.append(slide.with_effects([vfx.CrossFadeIn(edit["crossfade"])]) if index else slide)
    return CompositeVideoClip(layers, size=edit["size"]).with_duration(edit["seconds"])


def inset(edit: Json) -> VideoClip:
    """Compose a small clip with a rounded mask over each clip, one pair after another."""
    box = edit["box"]
    shape = np.asarray(Image.open(edit["mask"]).convert("L"), np.float64) / 255
    pairs = []
    for below, above in edit["pairs"]:
        mask = ImageClip(shape, is_mask=True).with_duration(edit["clip_seconds"])
        small = VideoFileClip(above, audio=False).resized((box["width"], box["height"])).with_mask(mask)
        layers = [VideoFileClip(below, audio=False), small.with_position(corner(box))]
        pairs.append(CompositeVideoClip(layers, size=edit["size"]).with_duration(edit["clip_seconds"]))
    return concatenate_videoclips(pairs)


def karaoke(edit: Json) -> VideoClip:
    """Lay one picture a spoken word over clips that follow one another."""
    font = ImageFont.truetype(edit["font"], edit["font_size"])
    font.set_variation_by_name("Bold")
    pictures = concatenate_videoclips([VideoFileClip(path, audio=False) for path in edit["clips"]])
    layers = [pictures]
    for cue in edit["cues"]:
        for spoken in range(len(cue)):
            picture = line(cue, spoken, font, edit["outline"])
            left, top = (edit["size"][0] - picture.shape[1]) // 2, edit["centre_y"] - picture.shape[0] // 2
            word = cue[spoken]
            shown = ImageClip(picture).with_start(word["start"]).with_duration(word["end"] - word["start"])
            layers.append(shown.with_position((left, top)))
    return CompositeVideoClip(layers, size=edit["size"]).with_duration(edit["seconds"])


def line(cue: list[Json], spoken: int, font: ImageFont.FreeTypeFont, outline: int) -> np.ndarray:
    """Draw a line of words, the spoken one lit, as RGBA."""
    space = font.getlength(" ")
    widths = [font.getlength(word["text"]) for word in cue]
    wide = round(sum(widths) + space * (len(cue) - 1)) + 2 * outline
    picture = Image.new("RGBA", (wide, round(font.size * 1.4) + 2 * outline))
    draw = ImageDraw.Draw(picture)
    x = float(outline)
    for index, (word, width) in enumerate(zip(cue, widths, strict=True)):
        fill = LIT if index == spoken else WHITE
        draw.text((x, outline), word["text"], font=font, fill=fill, stroke_width=outline, stroke_fill=BLACK)
        x += width + space
    return np.asarray(picture)


def corner(box: Json) -> tuple[int, int]:
    """Return a box's place."""
    return box["x"], box["y"]


def main() -> None:
    """Render the edit that the first argument names to the second."""
    edit = json.loads(Path(sys.argv[1]).read_text())
    video = {"film": film, "slides": slides, "inset": inset, "karaoke": karaoke}[edit["kind"]](edit)
    # MoviePy hands over RGB and says nothing of its matrix: without these the colours come out as BT.601.
    colours = ["-vf", "scale=out_color_matrix=bt709:out_range=tv", "-colorspace", "bt709"]
    video.write_videofile(
        sys.argv[2],
        fps=edit["fps"],
        codec="libx264",
        preset=edit["preset"],
        audio_codec="aac",
        audio_bitrate=str(edit["audio_bit_rate"]),
        pixel_format="yuv420p",
        ffmpeg_params=["-crf", str(edit["crf"]), *colours],
        logger=None,
    )


main()
