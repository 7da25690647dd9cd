"""Numeric keypads and foot switches: grabbed from the kernel, or fed by the window."""
