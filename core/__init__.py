"""The media engine and the plugin host; it knows no tenant and no HTTP."""
