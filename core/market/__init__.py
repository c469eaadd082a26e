"""The market: plugins of others, from a catalogue or a file to a folder that the host loads them from."""
