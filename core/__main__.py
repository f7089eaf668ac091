"""The command line: `python -m core COMMAND …`, the same verbs as the pages.

Exit status: 0 on success, 2 on a person's error (one sentence on standard error), 1 on a bug.
"""

import importlib
import os
import sys

import click

from core.errors import FieldguideError

# Which module of core.commands holds which verbs; a module is imported only when one of its verbs is
# asked for, so that every command starts as fast as it can.
MODULES = {
    "dataset": ["dataset"],
    "split": ["split"],
    "train": ["train", "runs", "cancel", "pause", "resume", "wait", "forecast", "lr-find"],
    "metrics": ["metrics", "decide", "compare", "report", "evaluate"],
    "predict": ["predict", "export"],
}
COMMANDS = {verb: module for module, verbs in MODULES.items() for verb in verbs}


class _Commands(click.Group):
    """Finds a command in its module by name."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"core.commands.{COMMANDS[name]}")
        return getattr(module, name.replace("-", "_"))


@click.group(cls=_Commands)
def cli() -> None:
    """Teach a model to tell your images apart, and learn how far to trust it."""


def main() -> int:
    """Run the command line; return its exit status."""
    try:
        cli.main(prog_name="python -m core", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        return 2
    except FieldguideError as error:
        click.echo(f"Error: {error}", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except BrokenPipeError:
        # The reader (head, less) has gone; leave without Python's own complaint at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
