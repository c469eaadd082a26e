"""Speech from text, offline: Piper's neural voices, eSpeak NG for other languages, and captions by the word."""
