"""Discovery, registry, dispatch and health of plugins."""
