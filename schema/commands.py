"""What a command line offers."""

from typing import NamedTuple

from schema.table import table, union


@table("python_local_commands", index=("name",))
class LocalCommand(NamedTuple):
    """One command of a command line, or what may be one; its site is the function, or the call that makes a parser."""

    library: str  #: click, typer, argparse, fire or docopt
    name: str  #: as typed; "" for the whole program
    function: str
    arguments: int  #: options and arguments that its own file tells
    is_group: bool
    owner: str | None  #: the group or application that it is put on, where only another file can tell whether it is one


@union("python_commands", LocalCommand)
class Command(LocalCommand):
    """One command of a command line; its site is the function, or the call that makes a parser."""

    __slots__ = ()


@table("python_local_command_options", index=("command",))
class LocalCommandOption(NamedTuple):
    """One option or argument of one command, or of what may be one, as far as the command's own file tells it."""

    library: str  #: of the command
    command: str  #: of argparse: the parser, as written
    name: str  #: the option's first long form, else the argument's name
    kind: str  #: option, argument or flag
    type: str | None  #: as written
    default_source: str | None
    choices_constant: bool  #: only values of a constant list are accepted
    owner: str | None  #: as of the command


@table("python_shared_command_options", derived=True)
class SharedCommandOption(LocalCommandOption):
    """One option that a command takes from another file, by a decorator that stands there; its site is the command's decorator."""

    __slots__ = ()


@union("python_command_options", LocalCommandOption, SharedCommandOption)
class CommandOption(LocalCommandOption):
    """One option or argument of one command."""

    __slots__ = ()
