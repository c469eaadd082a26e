"""Composing: a script, a topic or a template becomes a timeline with pictures, voice, captions and music."""
