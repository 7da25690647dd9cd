"""`fanpiao demo --window`: the kiosk with its windows, and a bench of devices beside it.

One server process, one counter process with its two windows, and this process: the bench, whose
window is in `terminal_app.screens.bench`. Everything it plays goes through the same ends as in the
headless day: a pty, the counter's standard input, a printer on loopback, a cable that can be cut.
"""
