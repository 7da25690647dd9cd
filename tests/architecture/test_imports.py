"""What import-linter's contracts cannot say: single files and their exceptions."""

from __future__ import annotations

import re
import sys

from tests.architecture.source import ROOT, Import, imports, is_within, place, python_files

DRIVERS = "devices.drivers"
PROVIDERS = "server.channels.providers"


def refused(found: list[Import]) -> list[str]:
    return [f"{one.where}: {one.module} imports {one.target}" for one in found]


def test_the_rules_use_the_standard_library_only() -> None:
    foreign = [
        one
        for one in imports("domain")
        if (top := one.target.split(".")[0]) != "domain" and top not in sys.stdlib_module_names
    ]
    assert refused(foreign) == []


def test_the_rules_do_no_io_and_read_no_clock() -> None:
    edges = {
        "os", "io", "pathlib", "socket", "subprocess", "threading", "asyncio", "sqlite3",
        "time", "random", "secrets", "urllib", "http", "logging", "tempfile", "shutil",
    }  # fmt: skip
    outside = [one for one in imports("domain") if one.target.split(".")[0] in edges]
    assert refused(outside) == []


def test_qt_is_imported_only_in_screens_and_main() -> None:
    elsewhere = [
        one
        for one in imports("fanpiao", "domain", "terminal_app", "devices", "sync", "server")
        if one.target.split(".")[0] in {"PySide6", "shiboken6", "PyQt6"}
        and not is_within(one.module, "terminal_app.screens")
        and one.module != "terminal_app.main"
    ]
    assert refused(elsewhere) == []


def test_only_the_registry_names_a_concrete_driver() -> None:
    elsewhere = [
        one
        for one in imports("fanpiao", "terminal_app", "devices", "sync", "server", "kiosk_profiles")
        if is_within(one.target, DRIVERS)
        and one.module != "devices.registry"
        and not _same_child(DRIVERS, one)
    ]
    assert refused(elsewhere) == []


def test_drivers_are_independent_of_each_other() -> None:
    between = [
        one
        for one in imports("devices")
        if is_within(one.module, DRIVERS)
        and is_within(one.target, DRIVERS)
        and not _same_child(DRIVERS, one)
    ]
    assert refused(between) == []


def test_only_the_servers_config_names_a_concrete_provider() -> None:
    elsewhere = [
        one
        for one in imports("fanpiao", "server", "terminal_app")
        if is_within(one.target, PROVIDERS)
        and not is_within(one.module, "server.config")
        and not _same_child(PROVIDERS, one)
    ]
    assert refused(elsewhere) == []


def test_the_server_uses_of_the_devices_only_the_faces() -> None:
    beyond = [
        one
        for one in imports("server")
        if is_within(one.target, "devices") and not is_within(one.target, "devices.vision.faces")
    ]
    assert refused(beyond) == []


def test_the_server_uses_of_sync_only_what_both_halves_must_compute_alike() -> None:
    # docs/decisions/0004
    allowed = ("sync.messages", "sync.signing", "sync.pins", "sync.sealing")
    beyond = [
        one
        for one in imports("server")
        if is_within(one.target, "sync")
        and not any(is_within(one.target, name) for name in allowed)
    ]
    assert refused(beyond) == []


def test_counter_and_eyes_run_without_a_screen() -> None:
    beyond = [
        one
        for one in imports("terminal_app")
        if is_within(one.module, "terminal_app.counter")
        or is_within(one.module, "terminal_app.eyes")
        if is_within(one.target, "terminal_app.screens") or is_within(one.target, "PySide6")
    ]
    assert refused(beyond) == []


def test_production_code_never_imports_tests() -> None:
    packages = ("fanpiao", "domain", "terminal_app", "devices", "sync", "server", "kiosk_profiles")
    found = [one for one in imports(*packages) if one.target.split(".")[0] in {"tests", "pytest"}]
    assert refused(found) == []


def test_no_clock_is_hidden_in_a_model_or_a_statement() -> None:
    pattern = re.compile(r"auto_now|(?<![\w.])now\(\)(?=.*(SELECT|VALUES|SET))|CURRENT_TIMESTAMP")
    found = [
        place(path, number)
        for path in python_files("server", "sync", "domain")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line) and not line.lstrip().startswith("#")
    ]
    assert found == []


def test_the_packages_are_the_ones_that_are_designed() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - {"tests", "benchmarks"} == {
        "fanpiao", "domain", "terminal_app", "devices", "sync", "server", "kiosk_profiles",
    }  # fmt: skip


def _same_child(parent: str, one: Import) -> bool:
    """Tell whether importer and imported lie in the same folder under `parent`."""
    depth = parent.count(".") + 2
    same = one.module.split(".")[:depth] == one.target.split(".")[:depth]
    return is_within(one.module, parent) and same
