"""Finds the simulator and Node.js."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .errors import InstallationError

_SERVER = Path("dist") / "stack" / "env" / "server.js"


def server_command() -> list[str]:
    """Command line of an environment server.

    The simulator is the first of these that is there: the folder in the environment variable SUREPICK_HOME; the checkout
    that this package lies in or was installed from; the one that a `surepick` on PATH belongs to. Node.js is the program
    in SUREPICK_NODE, or `node` on PATH.
    """
    return [_node(), str(_server())]


def _server() -> Path:
    tried: list[str] = []
    for rule, home in _homes():
        if (home / _SERVER).is_file():
            return home / _SERVER
        built = (home / "package.json").is_file()
        tried.append(f"{rule} {home}: {'not built, run `npm run build` there' if built else 'no surepick there'}")
        if rule == "SUREPICK_HOME":
            break
    where = "; ".join(tried) if tried else "no checkout and no `surepick` on PATH"
    raise InstallationError(
        f"surepick was not found ({where}). Set SUREPICK_HOME to the folder of a surepick checkout that has been built."
    )


def _homes() -> list[tuple[str, Path]]:
    if home := os.environ.get("SUREPICK_HOME"):
        return [("SUREPICK_HOME", Path(home).expanduser())]
    homes: list[tuple[str, Path]] = []
    package = Path(__file__).resolve().parent
    note = package / "checkout.txt"
    if note.is_file():
        homes.append(("installed from", Path(note.read_text(encoding="utf-8").strip())))
    elif len(package.parents) > 2:
        homes.append(("checkout", package.parents[2]))
    if command := shutil.which("surepick"):
        # scripts/surepick.mjs of the package, through the link that npm makes.
        homes.append(("surepick on PATH", Path(command).resolve().parents[1]))
    return homes


def _node() -> str:
    named = os.environ.get("SUREPICK_NODE")
    node = shutil.which(named or "node")
    if node is None:
        looked = f"SUREPICK_NODE {named}" if named else "no `node` on PATH"
        raise InstallationError(f"Node.js was not found ({looked}). Install Node.js 20.19 or newer, or set SUREPICK_NODE.")
    return node
