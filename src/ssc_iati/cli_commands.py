"""The commands, by name: each is imported and made ready only when it is asked for, so that no run waits for the
others.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

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
"""Where the function of each command stands, or the group of its sub-commands; in the order in which they are told."""


class Commands(TyperGroup):
    """All commands of the program."""

    def __init__(self, **said: Any) -> None:  # noqa: ANN401 - what typer says to any group
        super().__init__(**said)
        self._made = set[str]()
        # Their names are known from the beginning, for the help and for whoever mistypes one.
        self.commands.update({name: TyperCommand(name) for name in COMMANDS})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - typer does not export their types
        """The command of this name, made now if it was not before; None if there is none."""
        if cmd_name in COMMANDS and cmd_name not in self._made:
            self.commands[cmd_name] = _made(cmd_name)
            self._made.add(cmd_name)
        return super().get_command(ctx, cmd_name)


def _made(name: str) -> Any:  # noqa: ANN401 - typer does not export its type
    module, _, of = COMMANDS[name].partition(":")
    found = getattr(import_module(module), of)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
        return get_group(alone).commands[name]
    alone.command(name)(found)
    return get_command(alone)
