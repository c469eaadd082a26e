"""Leaving: what a tenant takes with it, and how what stays is destroyed."""
