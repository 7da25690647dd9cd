"""A barcode scanner on a serial port or USB-COM."""
