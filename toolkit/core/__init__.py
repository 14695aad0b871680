"""What every room builds on: findings and errors, the one memory, YAML with places, data folders."""
