"""Neural speech by Piper, with the time of every word read from the model's own phoneme lengths.

Against the energy of the sound, words after a pause begin 10 ms off on average and within 65 ms (90 ms when slowed to
0.7; soft onsets are heard late). A phoneme's length is a whole number of hops of 11.6 ms. Models that do not tell
their lengths get an estimate by the number of phonemes, which may be off by a syllable.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugins.providers.voice.alignment import assign_words
from plugins.providers.voice.onnx_outputs import with_durations
from plugins.providers.voice.sentences import Sentence
from plugins.providers.voice.speech import SpokenSentence, TimedWord, spread_words

BOS, EOS, PAD = "^", "$", "_"
NUMBERED_ONE_BY_ONE = frozenset({"espeak", "text"})
SEED = 20_26
"""Piper draws its liveliness from noise; a fixed seed and one thread make the same text sound the same."""


class PiperEngine:
    """One Piper voice. For one process and one text: the noise goes on from sentence to sentence."""

    def __init__(self, model: Path, *, speaker: str = "") -> None:
        """Load ``model`` (its configuration lies beside it, ``.onnx.json``); raise ``ValueError`` when it is none.

        ``speaker`` names one of a model with several; ``ImportError`` says that Piper is not installed.
        """
        import onnxruntime
        from piper import PiperVoice
        from piper.config import PiperConfig

        described = json.loads(model.with_name(f"{model.name}.json").read_text("utf-8"))
        try:
            config = PiperConfig.from_dict(described)
        except (KeyError, TypeError) as err:
            raise ValueError(f"{model.name}.json does not describe a Piper voice: {err!r} is missing") from err
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        onnxruntime.set_seed(SEED)
        content = model.read_bytes()
        try:
            content = with_durations(content)
            self._has_durations = True
        except ValueError:  # a model of another make: it speaks, and word times are estimated
            self._has_durations = False
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._voice = PiperVoice(session=session, config=config)
        if speaker and speaker not in config.speaker_id_map:
            raise ValueError(f'the voice has no speaker "{speaker}"; it has {", ".join(config.speaker_id_map)}')
        self._speaker = config.speaker_id_map.get(speaker)

    def speak(self, sentences: Sequence[Sentence], rate: float) -> Iterator[SpokenSentence]:
        """Synthesise sentence by sentence."""
        from piper import SynthesisConfig

        settings = SynthesisConfig(speaker_id=self._speaker, length_scale=self._voice.config.length_scale / rate)
        for sentence in sentences:
            phonemes = self._phonemes(sentence.spoken)
            ids, owners = self._ids(phonemes)
            result = self._voice.phoneme_ids_to_audio(ids, settings, include_alignments=True)
            samples, lengths = result if isinstance(result, tuple) else (result, None)
            yield SpokenSentence(
                samples=np.asarray(samples, np.float32).reshape(-1),
                sample_rate=self._voice.config.sample_rate,
                words=self._time_words(sentence, phonemes, owners, lengths, len(samples)),
                ends_paragraph=sentence.ends_paragraph,
            )

    def _phonemes(self, text: str) -> list[str]:
        """Return a sentence's phonemes; a stop that eSpeak takes for its end (as in "Dr.") does not cut it."""
        parts = [part for part in self._voice.phonemize(text) if part]
        joined: list[str] = []
        for part in parts[:-1]:
            joined += [*(part[:-1] if part[-1] == "." else part), " "]
        return joined + (parts[-1] if parts else [])

    def _ids(self, phonemes: list[str]) -> tuple[list[int], list[int]]:
        """Return the model's input, and for each number the index of its phoneme (-1 for the frame around).

        Voices with a numbering of their own (Chinese) have no such index.
        """
        if self._voice.config.phoneme_type.value not in NUMBERED_ONE_BY_ONE:
            return self._voice.phonemes_to_ids(phonemes), []
        known = self._voice.config.phoneme_id_map
        ids: list[int] = [*known[BOS], *known[PAD]]
        owners = [-1] * len(ids)
        for index, phoneme in enumerate(phonemes):
            if phoneme in known:
                ids += [*known[phoneme], *known[PAD]]
                owners += [index] * (len(ids) - len(owners))
        ids += known[EOS]
        return ids, owners + [-1] * (len(ids) - len(owners))

    def _time_words(
        self,
        sentence: Sentence,
        phonemes: list[str],
        owners: list[int],
        lengths: NDArray[np.int64] | None,
        count: int,
    ) -> tuple[TimedWord, ...]:
        shown = [word.shown for word in sentence.words]
        seconds = count / self._voice.config.sample_rate
        alone = [list(chain.from_iterable(self._voice.phonemize(word.spoken))) for word in sentence.words]
        if lengths is None or len(lengths) != len(owners):
            return spread_words(shown, [max(len(part), 1) for part in alone], 0.0, seconds)
        edges = np.concatenate(([0], np.cumsum(lengths))) / self._voice.config.sample_rate
        word_of = assign_words(phonemes, alone)
        spans: dict[int, tuple[float, float]] = {}
        for place, owner in enumerate(owners):
            word = word_of[owner] if owner >= 0 else None
            if word is not None:
                start, _ = spans.get(word, (float(edges[place]), 0.0))
                spans[word] = (start, float(edges[place + 1]))
        return _in_order(shown, spans, seconds)


def _in_order(shown: Sequence[str], spans: dict[int, tuple[float, float]], seconds: float) -> tuple[TimedWord, ...]:
    """Return every word, those without a sound of their own at the end of the one before."""
    words: list[TimedWord] = []
    latest = 0.0
    for index, text in enumerate(shown):
        start, end = spans.get(index, (latest, latest))
        start = min(max(start, latest), seconds)
        latest = max(start, min(end, seconds))
        words.append(TimedWord(text=text, start=start, end=latest))
    return tuple(words)
