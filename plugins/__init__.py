"""First-party plugins, each a folder with a plugin.toml, found through the same entry points as anyone's."""
