"""The eyes: a child process that reads the camera, codes and faces.

A video read can block for seconds and a decoder can crash; neither may take the till with it.
Reading order: `wire.py` (what is said), `look.py` (one frame), `process.py` (the child),
`client.py` (the parent's side, which restarts it).
"""
