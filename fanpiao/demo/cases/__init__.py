"""What must cost nothing, or once: one short function per case, each held against the books."""
