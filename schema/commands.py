"""What a command line offers."""

from typing import NamedTuple

from schema.table import table, union


@table("python_commands", index=("name",))
class Command(NamedTuple):
    """One command of a command line; its site is the function, or the call that makes a parser."""

    library: str  #: click, typer, argparse, fire or docopt
    name: str  #: as typed; "" for the whole program
    function: str
    arguments: int  #: options and arguments that its own file tells
    is_group: bool


@table("python_local_command_options", index=("command",))
class LocalCommandOption(NamedTuple):
    """One option or argument of one command, as far as the command's own file tells it."""

    command: str  #: of argparse: the parser, as written
    name: str  #: the option's first long form, else the argument's name
    kind: str  #: option, argument or flag
    type: str | None  #: as written
    default_source: str | None
    choices_constant: bool  #: only values of a constant list are accepted


@table("python_shared_command_options", derived=True)
class SharedCommandOption(LocalCommandOption):
    """One option that a command takes from another file, by a decorator that stands there; its site is the command's decorator."""

    __slots__ = ()


@union("python_command_options", LocalCommandOption, SharedCommandOption)
class CommandOption(LocalCommandOption):
    """One option or argument of one command."""

    __slots__ = ()
