"""Scanners that type: grabbed from the kernel, or told from a person by the window."""
