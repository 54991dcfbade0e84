"""The formats that describe stacks: each room reads and patches its own."""
