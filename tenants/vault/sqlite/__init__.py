"""SQLCipher for Tortoise, which takes a client for SQLite's by the word "sqlite" in its module's name."""
