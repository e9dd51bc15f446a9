"""The rules of the house that a program can check."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "ledger", "payments", "walletsite")
PACKAGES = (*APPS, "tests")
LONGEST_FUNCTION, LONGEST_FILE, LONGEST_TEMPLATE, LONGEST_LINE = 70, 400, 150, 100
# One table of settings, read from top to bottom.
SETTINGS = ROOT / "walletsite" / "settings.py"
CATCH_ALL_NAMES = {"utils", "helpers", "common", "manager", "core", "misc"}


def python_files(*packages: str) -> list[Path]:
    files = [path for name in packages for path in (ROOT / name).rglob("*.py")]
    return sorted(path for path in files if path.name != "0001_initial.py")


def product_files() -> list[Path]:
    return [path for path in python_files(*APPS) if "tests" not in path.parts]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_functions_and_lines_are_short_enough_to_read() -> None:
    faults = []
    product = set(product_files())
    for path in python_files(*PACKAGES):
        lines = path.read_text(encoding="utf-8").splitlines()
        if path != SETTINGS and len(lines) > LONGEST_FILE:
            faults.append(f"{named(path)} has {len(lines)} lines")
        for number, line in enumerate(lines, 1):
            if path in product and path != SETTINGS and len(line) > LONGEST_LINE:
                faults.append(f"{named(path)}:{number} has {len(line)} characters")
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    faults.append(f"{named(path)}: {node.name} has {length} lines")
    assert not faults, "\n".join(faults)


def test_templates_are_short_enough_to_read() -> None:
    faults = [
        f"{named(path)} has {count} lines"
        for path in templates()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_TEMPLATE
    ]
    assert not faults, "\n".join(faults)


def test_no_file_is_named_after_nothing() -> None:
    assert [named(path) for path in product_files() if path.stem in CATCH_ALL_NAMES] == []


def test_no_template_carries_script_or_style_of_its_own() -> None:
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.I)
    faults = [
        f"{named(path)}: {match.group()}"
        for path in templates()
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not faults, "\n".join(faults)


def test_nothing_is_left_for_later_and_no_test_is_skipped() -> None:
    # Spelt apart, so that this file does not find itself.
    later = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME"]) + r")\b")
    skipped = re.compile(r"pytest\." + r"skip|mark\." + r"(skip|xfail)|import" + r"orskip")
    faults = []
    for path in [*python_files(*PACKAGES), *templates()]:
        text = path.read_text(encoding="utf-8")
        faults += [f"{named(path)}: {each.group()}" for each in later.finditer(text)]
        faults += [f"{named(path)}: {each.group()}" for each in skipped.finditer(text)]
    assert not faults, "\n".join(faults)


def functions_of(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def service_files() -> list[Path]:
    return [path for path in product_files() if path.stem == "services" or "services" in path.parts]


def test_services_are_called_with_names_and_take_no_switches() -> None:
    """Two verbs instead of one verb and a switch; a fact to be written down may be a boolean."""
    faults = []
    for path in service_files():
        for function in functions_of(path):
            arguments = [*function.args.args, *function.args.kwonlyargs]
            for argument in arguments:
                is_fact = argument.arg.startswith(("is_", "has_"))
                kind = argument.annotation
                if isinstance(kind, ast.Name) and kind.id == "bool" and not is_fact:
                    faults.append(f"{named(path)}: {function.name}({argument.arg}: bool)")
                if argument.annotation is None:
                    faults.append(f"{named(path)}: {function.name}({argument.arg}) has no type")
            # The thing that is acted upon, and the state it goes to, may stand first.
            if "ledger" not in path.parts and len(function.args.args) > 2:
                faults.append(f"{named(path)}: {function.name} takes arguments by position")
    assert not faults, "\n".join(faults)


def test_what_others_call_says_what_it_does() -> None:
    names = {"services", "selectors"}
    faults = [
        f"{named(path)}: {function.name}"
        for path in product_files()
        if path.stem in names or "services" in path.parts
        for function in functions_of(path)
        if not ast.get_docstring(function)
    ]
    assert not faults, "\n".join(faults)


def test_nothing_but_the_ledger_writes_the_ledger() -> None:
    """Value moves through `ledger.services` alone."""
    wanted = re.compile(r"^\s*from ledger\.(models|engine)\b", re.M)
    faults = [
        named(path)
        for path in product_files()
        if path.parts[len(ROOT.parts)] != "ledger" and wanted.search(path.read_text("utf-8"))
    ]
    assert faults == []


def test_business_does_not_flow_through_signals() -> None:
    wanted = re.compile(r"django\.db\.models\.signals|@receiver\((pre|post)_(save|delete)")
    assert [named(path) for path in product_files() if wanted.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "Makefile"])
def test_no_machine_stands_in_what_others_install(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert (
        re.findall(r"--(?:extra-)?index-url.*|--find-links.*|file://\S+|/root\b|/home/", text) == []
    )


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["test"],
        *project["dependency-groups"]["check"],
    ]
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    names = [re.split(r"[\[<>=]", each)[0] for each in wanted]
    assert [name for name in names if f"| {name} |" not in reasons] == []
