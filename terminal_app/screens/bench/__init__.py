"""The device bench's window: buttons for what people and accidents do, and the line of money.

`view.BenchView` is what it shows, as codes and amounts; `model.BenchModel` gives that to QML in a
language; `window.BenchScreen` opens it. What a button means is done by whoever is given as `act`:
the windowed demo.
"""
