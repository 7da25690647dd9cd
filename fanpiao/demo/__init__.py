"""`fanpiao demo`: a canteen's day with real processes, bytes and pictures, and its report.

One server process, two counter processes, their devices at the other end of ptys, a PC/SC service
and a camera process; this package plays the people and then reads the books.
"""

from fanpiao.demo.command import demo

__all__ = ["demo"]
