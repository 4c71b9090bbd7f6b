"""Starts semgrep. Runs inside the sandbox: `python -m checks.inside.start_semgrep scan …`, as `pysemgrep scan …` would.

Importing it takes longer than scanning a usual change does. Without its command that serves assistants, which a scan
has no use for and which imports a web server, and with no collection of garbage meanwhile, that takes little over half
the time. Should another version not have that command, semgrep does not start, and the check says so.
"""

import gc
import importlib
import sys
from types import ModuleType

import click

_LEFT_OUT = "semgrep.commands.mcp"


def main() -> None:
    """Run semgrep with this program's arguments; exits as it does."""
    module = ModuleType(_LEFT_OUT)
    vars(module)["semgrep_mcp"] = click.Command("mcp")
    sys.modules[_LEFT_OUT] = module
    gc.disable()
    importlib.import_module("semgrep.main")
    gc.freeze()
    gc.enable()
    importlib.import_module("semgrep.console_scripts.pysemgrep").main()


if __name__ == "__main__":
    main()
