"""The rules that both halves obey: pure, standard library only, no clock, no I/O."""
