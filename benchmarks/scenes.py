"""The scenes that are measured: values that every tool turns into its own way of saying the same edit.

Boxes are in pixels of the output, even ones for 4:2:0; times in seconds, those of fades and cuts on whole frames.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from benchmarks.material import Format, Material

CRF = 23
AUDIO_BIT_RATE = 192_000
KEY_FRAMES = 250
"""Most frames from one key frame to the next: x264's default, which the other tools leave as it is."""
CROSSFADE = 0.5
TITLES = (
    "Made in the open",
    "Every frame counts",
    "Cut, mixed and titled",
    "Five clips, one film",
    "Thanks for watching",
)
TITLE_FADE = 0.4
MUSIC_VOLUME = 0.6
MUSIC_FADE = 2.0
ZOOM = 1.15
"""How much larger a still is shown at its end than at its start."""
_TEXT = (
    "A film is cut from many small pieces of time and each of them must find its place. "
    "The eye follows what moves and the ear follows what speaks so captions have to walk in step with both. "
    "When a word is said it lights up and when it fades the next one takes the light. "
    "This text has one hundred words for that purpose and nothing more to tell. "
    "Read it aloud at an even pace and you will need forty seconds. "
    "That is about how fast people talk when they explain something they care about to a friend."
)
WORDS = tuple(_TEXT.split())
WORDS_A_CUE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the frame."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TitlePicture:
    """A title as a PNG with alpha, and where it lies: what tools without our text painter are given."""

    path: Path
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A line in a rounded box at the foot of the frame, which fades in and out."""

    text: str
    start: float
    duration: float
    fade: float
    picture: TitlePicture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """Something to be seen in ``box`` at a frame: the picture there is not the bare frame of the source below it."""

    name: str
    frame: int
    box: Box
    source: Path
    source_frame: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A spoken word with its time."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene(ABC):
    """What all scenes have. ``preset`` is x264's."""

    name: str
    material: Material
    preset: str = "veryfast"

    @property
    @abstractmethod
    def seconds(self) -> float:
        """Length of the scene."""

    @property
    @abstractmethod
    def landmarks(self) -> tuple[Landmark, ...]:
        """What shows that a tool drew everything."""

    @property
    def compared(self) -> Box:
        """Where the tools' pictures must agree."""
        return Box(x=0, y=0, width=self.format.width, height=self.format.height)

    @property
    def compared_frames(self) -> tuple[int, ...]:
        """Which frames must agree, spread over the scene and over all phases of its fades."""
        return tuple(round(self.frames * part) for part in (0.03, 0.11, 0.26, 0.39, 0.52, 0.64, 0.77, 0.97))

    @property
    def least_likeness(self) -> float:
        """The PSNR, in dB, that two tools' pictures must reach."""
        return 30.0

    @property
    def has_sound(self) -> bool:
        """Whether there is an audio track."""
        return False

    @property
    def format(self) -> Format:
        """The size and rate of the pictures."""
        return self.material.format

    @property
    def frames(self) -> int:
        """Length of the scene in frames."""
        return round(self.seconds * self.format.fps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Film(Scene):
    """Clips with crossfades between them, a title on each, a logo throughout, and music."""

    clips: tuple[Path, ...]
    titles: tuple[Title, ...]

    @property
    def seconds(self) -> float:
        return self.start_of(len(self.clips) - 1) + self.format.clip_seconds

    @property
    def has_sound(self) -> bool:
        return True

    @property
    def logo_box(self) -> Box:
        """Where the logo lies, at the top right."""
        even = self.format.even
        width, height, margin = even(200), even(100), even(40)
        return Box(x=self.format.width - margin - width, y=margin, width=width, height=height)

    @property
    def landmarks(self) -> tuple[Landmark, ...]:
        even, fps = self.format.even, self.format.fps
        heart = Box(x=self.format.width // 2 - even(150), y=even(850), width=even(300), height=even(70))
        marks = []
        for index, (clip, title) in enumerate(zip(self.clips, self.titles, strict=True)):
            start = self.start_of(index)
            middle = title.start + title.duration / 2
            seen, source_frame = round(middle * fps), round((middle - start) * fps)
            marks += [
                Landmark(name="title", frame=seen, box=heart, source=clip, source_frame=source_frame),
                Landmark(name="logo", frame=seen, box=self.logo_box, source=clip, source_frame=source_frame),
            ]
            if index:
                half = round(CROSSFADE / 2 * fps)
                mark = Landmark(
                    name="crossfade",
                    frame=round(start * fps) + half,
                    box=self.compared,
                    source=clip,
                    source_frame=half,
                )
                marks.append(mark)
        return tuple(marks)

    def start_of(self, index: int) -> float:
        """Return the second at which a clip begins."""
        return index * (self.format.clip_seconds - CROSSFADE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideShow(Scene):
    """Stills under a slow zoom about their middle, with crossfades between them."""

    stills: tuple[Path, ...]

    @property
    def slide_seconds(self) -> float:
        """How long each still is seen."""
        return self.format.clip_seconds / 2

    @property
    def seconds(self) -> float:
        return self.start_of(len(self.stills) - 1) + self.slide_seconds

    @property
    def landmarks(self) -> tuple[Landmark, ...]:
        return ()

    def start_of(self, index: int) -> float:
        """Return the second at which a still begins."""
        return index * (self.slide_seconds - CROSSFADE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inset(Scene):
    """Clips one after another, each with a second one in a small box with rounded corners."""

    pairs: tuple[tuple[Path, Path], ...]
    mask: Path
    """The box's shape, white on black."""

    @property
    def seconds(self) -> float:
        return len(self.pairs) * self.format.clip_seconds

    @property
    def box(self) -> Box:
        """Where the small picture lies, at the bottom right."""
        even = self.format.even
        width, height, margin = even(600), even(338), even(60)
        return Box(
            x=self.format.width - margin - width, y=self.format.height - margin - height, width=width, height=height
        )

    @property
    def radius(self) -> int:
        """The corners' radius."""
        return self.format.even(40)

    @property
    def landmarks(self) -> tuple[Landmark, ...]:
        frames = self.format.clip_frames
        return tuple(
            Landmark(
                name="inset",
                frame=index * frames + frames // 2,
                box=self.box,
                source=below,
                source_frame=frames // 2,
            )
            for index, (below, _) in enumerate(self.pairs)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Karaoke(Scene):
    """Clips one after another under captions of which the spoken word is lit."""

    clips: tuple[Path, ...]
    font: Path

    @property
    def seconds(self) -> float:
        return len(self.clips) * self.format.clip_seconds

    @property
    def cues(self) -> tuple[tuple[Word, ...], ...]:
        """The lines with the times of their words, evenly over the whole scene."""
        each = self.seconds / len(WORDS)
        words = [
            Word(text=text, start=round(index * each, 6), end=round((index + 1) * each, 6))
            for index, text in enumerate(WORDS)
        ]
        return tuple(tuple(words[first : first + WORDS_A_CUE]) for first in range(0, len(words), WORDS_A_CUE))

    @property
    def font_size(self) -> int:
        """The letters' size."""
        return self.format.even(64)

    @property
    def centre_y(self) -> int:
        """Where the lines' middle lies."""
        return self.format.even(918)

    @property
    def compared(self) -> Box:
        # Above the captions: no two painters of letters agree on each edge.
        return Box(x=0, y=0, width=self.format.width, height=self.format.even(800))

    @property
    def landmarks(self) -> tuple[Landmark, ...]:
        even, frames = self.format.even, self.format.clip_frames
        heart = Box(x=self.format.width // 2 - even(200), y=even(886), width=even(400), height=even(64))
        return tuple(
            Landmark(
                name="caption",
                frame=index * frames + frames // 2,
                box=heart,
                source=clip,
                source_frame=frames // 2,
            )
            for index, clip in enumerate(self.clips)
        )


def titles_for(form: Format, clips: int) -> tuple[Title, ...]:
    """Return one title for each of ``clips`` clips, a quarter into it and for less than half of it."""
    return tuple(
        Title(
            text=TITLES[index % len(TITLES)],
            start=index * (form.clip_seconds - CROSSFADE) + form.clip_seconds / 4,
            duration=round(round(form.clip_seconds * 7 / 16 * form.fps) / form.fps, 6),
            fade=TITLE_FADE,
        )
        for index in range(clips)
    )
