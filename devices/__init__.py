"""Drivers, credentials and vision of the counter, and a simulated twin for every port."""
