"""`python -m terminal_app.eyes`: started by `client.py`, not by hand."""

import sys

from terminal_app.eyes.process import main

sys.exit(main())
