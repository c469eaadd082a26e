"""The tools that are compared, one a module: each turns a scene into a command of its own."""
