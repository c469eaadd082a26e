"""Layers: each turns one clip of a plan into patches, frame by frame."""
