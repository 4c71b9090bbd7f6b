"""`mergelock`: the command line. Each command is a file in `app/commands/`, loaded only when it is called."""

import importlib
import sys

import click

from app import __version__

COMMANDS = {
    "check": "judge a local change exactly as the server would",
    "serve": "receive GitHub's webhooks and show the live pages",
    "worker": "judge the changes that were received",
    "sign-in": "print a link that opens the live pages once",
    "demo": "play four pull requests of a real library through the whole gate",
    "doctor": "say what this machine can do and what it lacks",
    "policy": "check a policy file, or print the policy's JSON Schema",
    "audit": "show the audit log, or prove that nobody changed it",
}


class _Commands(click.Group):
    """Finds a command by name in `COMMANDS`, so that `--help` and one command never import the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"app.commands.{cmd_name.replace('-', '_')}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"app/commands/{cmd_name}.py has no click command named `command`")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mergelock")
def main() -> None:
    """A gate for AI-authored pull requests.

    Runs the patch and its tests where it can do no harm, scans it, and asks a person before merge.
    """


if __name__ == "__main__":
    sys.exit(main())
