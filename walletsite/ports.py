"""Binding a port, and saying who has it when somebody else does."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path


class PortRefused(Exception):
    """The port cannot be had; the message says why and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """A bound TCP socket that does not listen yet. Raises PortRefused."""
    if not 0 < port < 65_536:
        raise PortRefused(f"PORT={port} is not a port: choose a number from 1024 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A port that a stopped server left in TIME_WAIT is free; one that is listened on is not.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortRefused(_explain(error, host, port)) from error
    return listener


def _explain(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        holder = find_holder(port) or "another program"
        return f"Port {port} is taken by {holder}: stop it, or choose another: make run PORT=8001"
    if error.errno == errno.EACCES:
        return f"Port {port} needs root's rights: choose one above 1023: make run PORT=8000"
    return f"Cannot use {host} port {port}: {error.strerror}."


def find_holder(port: int) -> str:
    """Name and number of the process that listens on a port; empty when that cannot be seen."""
    links = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            held = {os.readlink(each) for each in (folder / "fd").iterdir()}
            if held & links:
                return f"{(folder / 'comm').read_text().strip()} (process {folder.name})"
        except OSError:
            continue  # it ended meanwhile, or belongs to somebody else
    return ""


def _listening_inodes(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            is_listening = fields[3] == "0A"
            if is_listening and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.add(fields[9])
    return found
