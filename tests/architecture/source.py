"""The source as the architecture tests see it: files, syntax trees, imports; nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("fanpiao", "domain", "terminal_app", "devices", "sync", "server", "kiosk_profiles")
OTHERS = ("tests", "benchmarks")


@dataclass(frozen=True, slots=True)
class Import:
    """One import: who, of what (dotted), and on which line."""

    module: str
    target: str
    where: str


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Return the Python files under `folders` (default: all of ours), migrations left out."""
    found = (
        path
        for folder in folders or PACKAGES + OTHERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    return tuple(path for path in found if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, line: int = 0) -> str:
    """Return `folder/file.py:line`, as editors and people read it."""
    relative = path.relative_to(ROOT).as_posix()
    return f"{relative}:{line}" if line else relative


def module_of(path: Path) -> str:
    """Return the dotted name of a file: `server/people/models.py` → `server.people.models`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(*folders: str) -> Iterator[Import]:
    """Yield every import under `folders`, those inside functions and TYPE_CHECKING included.

    `from a.b import c` counts as `a.b.c`, since `c` may be a module.
    """
    for path in python_files(*folders):
        yield from _imports_of(path)


@cache
def _imports_of(path: Path) -> tuple[Import, ...]:
    found = []
    for node in ast.walk(tree(path)):
        where = place(path, getattr(node, "lineno", 0))
        if isinstance(node, ast.Import):
            found += [Import(module_of(path), alias.name, where) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(path, node)
            found += [
                Import(module_of(path), f"{base}.{alias.name}", where) for alias in node.names
            ]
    return tuple(found)


def _absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def is_within(name: str, package: str) -> bool:
    """Tell whether a dotted name is `package` or lies inside it."""
    return name == package or name.startswith(f"{package}.")
