"""Credits for what fonts draw: most fonts ask for none in a video, drawings under Creative Commons do."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from core.api import AssetKind, FetchedAsset, Licence
from core.media.text.clusters import cluster_starts, visible_codepoints
from core.media.text.fonts import EMOJI_FAMILY, FontLibrary
from core.media.text.itemizing import find_typeface
from core.timeline.plan import Plan
from core.timeline.sources import TextSource, TextStyle, TimelineSource

_TWEMOJI = Licence(
    id="CC-BY-4.0",
    url="https://creativecommons.org/licenses/by/4.0/",
    attribution=(
        "Emoji: Twemoji, © Twitter, Inc. and other contributors, CC BY 4.0 "
        "(https://creativecommons.org/licenses/by/4.0/)"
    ),
)


def font_credits(plan: Plan, fonts: FontLibrary) -> Mapping[str, FetchedAsset]:
    """Return the fonts that a plan draws with and whose drawings must be credited, by ``font:`` and their family.

    They have the form of what providers deliver, so as to stand beside it in the credits and the rights manifest.
    Nothing is laid out. Call it where ``fonts`` is owned. A copy of Twemoji in a folder of a tenant's counts as well.
    """
    for cluster, style in set(_letters(plan)):
        typeface = find_typeface(cluster, style, fonts)
        if typeface is not None and typeface.face.family == EMOJI_FAMILY:
            return {f"font:{EMOJI_FAMILY}": _twemoji(typeface.face.path)}
    return {}


def _letters(plan: Plan) -> Iterator[tuple[str, TextStyle]]:
    """Yield the letters that can be seen, with their styles."""
    for layer in plan.layers:
        match layer.source:
            case TextSource() as source:
                yield from _letters_of(source)
            case TimelineSource(plan=inner):
                yield from _letters(inner)
            case _:
                pass


def _letters_of(source: TextSource) -> Iterator[tuple[str, TextStyle]]:
    text = "".join(run.text for run in source.runs)
    styles = [run.style for run in source.runs for _ in run.text]
    for start, end in pairwise((*cluster_starts(text), len(text))):
        cluster = text[start:end]
        if visible_codepoints(cluster) and not cluster.isspace():
            yield cluster, styles[start]
            if source.words and source.highlight is not None:
                yield cluster, source.highlight


def _twemoji(path: Path) -> FetchedAsset:
    return FetchedAsset(
        path=path,
        kind=AssetKind.DATA,
        licence=_TWEMOJI,
        title="Twemoji",
        creator="Twitter, Inc. and other contributors",
        source_url="https://github.com/twitter/twemoji",
    )
