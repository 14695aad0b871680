"""The base of every room: findings and errors, the one memory, YAML with locations, packages, data folders."""
