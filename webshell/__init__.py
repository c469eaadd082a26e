"""The command line, and later the Quart host and the web application."""
