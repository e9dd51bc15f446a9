"""What deploy/ says, taken apart: units, compose file, container file."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def units() -> list[Path]:
    """The services of systemd."""
    return sorted((DEPLOY / "systemd").glob("*.service"))


def unit(path: Path) -> dict[str, list[str]]:
    """Its lines by name; continued lines joined."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if match := re.fullmatch(r"(\w+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def command_of(name: str) -> list[str]:
    """The words that a unit starts."""
    [line] = unit(DEPLOY / "systemd" / name)["ExecStart"]
    return shlex.split(line)


def compose() -> dict[str, Any]:
    """The compose file with its anchors resolved."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def ours() -> dict[str, dict[str, Any]]:
    """The services that run our image."""
    return {
        name: service
        for name, service in compose()["services"].items()
        if service["image"].startswith("wallet:")
    }


def instructions() -> list[tuple[str, str]]:
    """The container file, as (instruction, rest)."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [(name, rest.strip()) for name, rest in re.findall(r"^([A-Z]+)\s+(.*)$", text, re.M)]
