"""The process that speaks: ``python -m plugins.providers.voice.worker FOLDER``.

It reads ``job.json`` in the folder and writes ``speech.wav`` and ``words.json`` beside it. Piper and eSpeak NG (GPL)
are loaded here and nowhere else: their globals, memory and crashes stay out of the host, and a seeded noise gives the
same speech whatever was said before. Exit status 3 means that the text or the voice is at fault; the last line on
standard error says why.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from plugins.providers.voice.espeak_engine import EspeakEngine
from plugins.providers.voice.joining import join_sentences
from plugins.providers.voice.piper_engine import PiperEngine
from plugins.providers.voice.sentences import split_sentences

JOB = "job.json"
SPEECH = "speech.wav"
WORDS = "words.json"
REFUSED = 3


def speak(folder: Path) -> None:
    """Do the job in ``folder``; raise ``ValueError`` when the text or the voice is at fault."""
    job = json.loads((folder / JOB).read_text("utf-8"))
    sentences = split_sentences(job["text"], job["language"])
    if not sentences:
        raise ValueError("there is no word in the text")
    engine: PiperEngine | EspeakEngine
    if job["model"]:
        engine = PiperEngine(Path(job["model"]), speaker=job["speaker"])
    else:
        data = Path(job["espeak_data"]) if job["espeak_data"] else None
        engine = EspeakEngine(job["espeak"], data, job["language"])
    spoken = list(engine.speak(sentences, job["rate"]))
    words = join_sentences(spoken, folder / SPEECH, lead=job["lead"], tail=job["tail"], gap=job["gap"])
    (folder / WORDS).write_text(json.dumps([asdict(word) for word in words]), "utf-8")


def main(folder: Path) -> int:
    """Do the job and return the exit status."""
    try:
        speak(folder)
    except ValueError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
