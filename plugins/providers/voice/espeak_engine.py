"""Speech by eSpeak NG in more than a hundred languages, with word times from its own events.

The library inside piper-tts is used, or the system's. It keeps its state in globals and belongs to the GPL: it is
loaded in the worker's own process alone.
"""

import ctypes
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from plugins.providers.voice.sentences import Sentence
from plugins.providers.voice.speech import SpokenSentence, TimedWord

SYNCHRONOUS = 2
DONT_EXIT = 0x8000
UTF8 = 1
BY_CHARACTER = 1
RATE_PARAMETER = 1
WORDS_PER_MINUTE = 165
SLOWEST, FASTEST = 80, 450
WORD_EVENT = 1
END_OF_EVENTS = 0
UNBOUNDED = 0


class _Identifier(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h; ``text_position`` counts characters from 1."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identifier),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class EspeakEngine:
    """eSpeak NG speaking one language. One a process."""

    def __init__(self, library: str, data: Path | None, language: str) -> None:
        """Load ``library`` (a path, or a name the linker finds); ``data`` is its data folder, None for the system's.

        Raise ``ValueError`` when it does not know the language, ``OSError`` when it can't be loaded.
        """
        self._library = ctypes.CDLL(library)
        folder = str(data).encode() if data else None
        self.sample_rate: int = self._library.espeak_Initialize(SYNCHRONOUS, UNBOUNDED, folder, DONT_EXIT)
        if self.sample_rate <= 0:
            raise OSError("eSpeak NG finds no data")
        if self._library.espeak_SetVoiceByName(language.encode()) != 0:
            raise ValueError(f'eSpeak NG does not speak "{language}"')
        self._samples = bytearray()
        self._starts: list[tuple[int, int]] = []
        self._callback = _CALLBACK(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, sentences: Sequence[Sentence], rate: float) -> Iterator[SpokenSentence]:
        """Synthesise sentence by sentence."""
        pace = min(max(round(WORDS_PER_MINUTE * rate), SLOWEST), FASTEST)
        self._library.espeak_SetParameter(RATE_PARAMETER, pace, 0)
        for sentence in sentences:
            self._samples.clear()
            self._starts.clear()
            text = sentence.spoken.encode() + b"\0"
            self._library.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, BY_CHARACTER, 0, UTF8, None, None)
            self._library.espeak_Synchronize()
            samples = np.frombuffer(bytes(self._samples), np.int16).astype(np.float32) / np.float32(32768)
            yield SpokenSentence(
                samples=samples,
                sample_rate=self.sample_rate,
                words=self._time_words(sentence, len(samples) / self.sample_rate),
                ends_paragraph=sentence.ends_paragraph,
            )

    def _collect(
        self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]"
    ) -> int:
        if samples and count > 0:
            self._samples += ctypes.string_at(samples, count * 2)
        index = 0
        while events[index].type != END_OF_EVENTS:
            event = events[index]
            if event.type == WORD_EVENT:
                self._starts.append((event.text_position - 1, event.sample))
            index += 1
        return 0

    def _time_words(self, sentence: Sentence, seconds: float) -> tuple[TimedWord, ...]:
        """Give each word the first event within it; it lasts until the next word begins."""
        starts: list[float] = []
        first = 0
        for word in sentence.words:
            end = first + len(word.spoken)
            within = [sample for position, sample in self._starts if first <= position < end]
            earliest = within[0] / self.sample_rate if within else (starts[-1] if starts else 0.0)
            starts.append(max(earliest, starts[-1] if starts else 0.0))
            first = end + 1
        return tuple(
            TimedWord(text=word.shown, start=start, end=end)
            for word, start, end in zip(sentence.words, starts, [*starts[1:], seconds], strict=True)
        )
