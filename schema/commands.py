"""What a command line offers."""

from typing import NamedTuple

from schema.table import table


@table("python_commands", index=("name",))
class Command(NamedTuple):
    """One command of a command line; its site is the function, or the call that makes a parser."""

    library: str  #: click, typer, argparse, fire or docopt
    name: str  #: as typed; "" for the whole program
    function: str
    arguments: int  #: options and arguments it declares
    is_group: bool


@table("python_command_options", index=("command",))
class CommandOption(NamedTuple):
    """One option or argument of one command."""

    command: str  #: of argparse: the parser, as written
    name: str  #: the option's first long form, else the argument's name
    kind: str  #: option, argument or flag
    type: str | None  #: as written
    default_source: str | None
    choices_constant: bool  #: only values of a constant list are accepted
