"""Counter scales on a serial port."""
