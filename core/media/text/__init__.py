"""Text: fonts, the Unicode algorithms, shaping, layout and the coverage of letters."""
