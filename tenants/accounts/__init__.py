"""Accounts: people, how they sign in, and by what they are known. Knows no HTTP."""
