"""One folder per kind of hardware: `protocol.py` (pure), `driver.py` (open, read, close)."""
