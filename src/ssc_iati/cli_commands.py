"""The commands, by name: each is imported and made ready only when it is asked for, so that no run waits for the
others.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "check": "ssc_iati.cli_records:check",
    "convert": "ssc_iati.cli_records:convert",
    "import": "ssc_iati.cli_records:import_",
    "validate": "ssc_iati.cli_validate:validate",
    "plan": "ssc_iati.cli_publication:plan",
    "publish": "ssc_iati.cli_publication:publish",
    "history": "ssc_iati.cli_publication:history",
    "rollback": "ssc_iati.cli_publication:rollback",
    "decide": "ssc_iati.cli_decide:app",
    "readback": "ssc_iati.cli_registry:readback",
    "alarm": "ssc_iati.cli_publication:alarm",
    "registry": "ssc_iati.cli_registry:app",
    "mapping": "ssc_iati.cli_mapping:app",
    "standard": "ssc_iati.cli_standard:app",
}
"""Where each command stands, or the group of its sub-commands; in the order in which they are told."""


class Commands(click.Group):
    """All commands of the program."""

    def __init__(self, *said: Any, **more: Any) -> None:  # noqa: ANN401 - what click says to any group
        super().__init__(*said, **more)
        self._made = set[str]()
        # Their names are known from the beginning, for the help and for whoever mistypes one.
        self.commands.update({name: click.Command(name) for name in COMMANDS})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own shape
        """Their names, in the order in which they are told."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, made now if it was not before; None if there is none."""
        if cmd_name in COMMANDS and cmd_name not in self._made:
            module, _, name = COMMANDS[cmd_name].partition(":")
            self.commands[cmd_name] = getattr(import_module(module), name)
            self._made.add(cmd_name)
        return super().get_command(ctx, cmd_name)
