"""Work in a process of its own: Django is set up for one database per process here."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

LIMIT_S = 600.0


def apart(work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Run `work`, a module's function, in a fresh process and return what it returns."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as pool:
        return pool.submit(work, *arguments, **named).result(LIMIT_S)
