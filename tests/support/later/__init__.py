"""What a later version of the house would bring."""
