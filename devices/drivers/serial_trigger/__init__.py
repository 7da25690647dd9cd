"""A tray sensor, gate or switch on a serial port."""
