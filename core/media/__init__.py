"""PyAV, OpenCV and HarfBuzz: probe, decode, composite, text, audio, encode. Synchronous, one job at a time."""
