"""The vault's migrations as a later version might have them: the first, and one that changes a table with rows."""
