"""Decodes clips whole and encodes as many of their frames as the edit has, on a thread each, with music if given.

Called as ``python floor_script.py OUTPUT FRAMES FPS PRESET CRF AUDIO_BIT_RATE CLIP,CLIP,… [MUSIC]``.
"""

import queue
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction

import av

FRAMES_AHEAD = 4


def decoded(clips: list[str], wanted: int) -> Iterator[av.VideoFrame]:
    """Decode all frames of all clips, and yield ``wanted`` of them, the same share of each clip."""
    share = -(-wanted // len(clips))
    given = 0
    for clip in clips:
        with av.open(clip) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for number, frame in enumerate(container.decode(stream)):
                if number < share and given < wanted:
                    given += 1
                    yield frame


def main() -> None:
    """Encode while decoding."""
    output, frames, fps, preset, crf, bit_rate, clips, *music = sys.argv[1:]
    drawn: queue.Queue[av.VideoFrame | None] = queue.Queue(FRAMES_AHEAD)

    def read() -> None:
        for frame in decoded(clips.split(","), int(frames)):
            drawn.put(frame)
        drawn.put(None)

    reader = threading.Thread(target=read)
    reader.start()
    with av.open(output, "w", options={"movflags": "+faststart"}) as container:
        frame = drawn.get()
        if frame is None:
            raise ValueError("there is nothing to encode")
        video = container.add_stream("libx264", rate=int(fps), options={"preset": preset, "crf": crf})
        video.width, video.height, video.pix_fmt = frame.width, frame.height, "yuv420p"
        sound = container.add_stream("aac", rate=48_000) if music else None
        if sound:
            sound.bit_rate = int(bit_rate)
        number = 0
        while frame is not None:
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, int(fps)), 0
            container.mux(video.encode(frame))
            number, frame = number + 1, drawn.get()
        if sound:
            with av.open(music[0]) as source:
                until = Fraction(number, int(fps))
                for block in source.decode(audio=0):
                    if block.time is not None and block.time < until:
                        container.mux(sound.encode(block))
            container.mux(sound.encode(None))
        container.mux(video.encode(None))
    reader.join()


main()
