"""Processes that are started, and text that is run as code."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from typing import Final

from extractors.context import Context
from extractors.fold import NOT_CONSTANT
from extractors.registry import extracts
from extractors.shapes import shape
from schema.operations import CodeExecution, SubprocessCall

_SUBPROCESS: Final = frozenset("run call check_call check_output Popen getoutput getstatusoutput".split())
_IMPLIED: Final = frozenset(
    "os.system os.popen subprocess.getoutput subprocess.getstatusoutput commands.getoutput popen2.popen2 "
    "asyncio.create_subprocess_shell asyncio.subprocess.create_subprocess_shell anyio.run_process invoke.run "
    "invoke.context.Context.run invoke.Context.run fabric.Connection.run fabric.Connection.sudo fabric.Connection.local "
    "paramiko.SSHClient.exec_command paramiko.client.SSHClient.exec_command fabric.api.run fabric.api.local "
    "fabric.api.sudo".split()
)
_DIRECT: Final = frozenset(
    "os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe os.spawnl os.spawnle os.spawnlp "
    "os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.posix_spawn os.posix_spawnp os.startfile pty.spawn "
    "asyncio.create_subprocess_exec asyncio.subprocess.create_subprocess_exec pexpect.spawn pexpect.run pexpect.runu "
    "pexpect.popen_spawn.PopenSpawn trio.run_process plumbum.local sh.Command".split()
)
_KNOWN: Final = _IMPLIED | _DIRECT | {f"subprocess.{word}" for word in _SUBPROCESS}
_SHELLS: Final = frozenset("sh bash dash zsh ksh csh fish cmd cmd.exe powershell powershell.exe pwsh".split())
_SECOND: Final = ("os.spawn", "os.posix_spawn")


def _shell(node: ast.Call, name: str, context: Context) -> str:
    if name in _IMPLIED:
        return "implied"
    given = context.keyword(node, "shell")
    if given is not None:
        value = context.constant(given)
        return "unknown" if value is NOT_CONSTANT else str(bool(value)).lower()
    return "unknown" if any(keyword.arg is None for keyword in node.keywords) else "false"


def _words(node: ast.expr | None, context: Context) -> list[str | None]:
    """The words of a command that is a list, or a constant text; None for those that aren't constant."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return [context.string(part) for part in node.elts]
    text = context.string(node)
    if text is not None:
        try:
            return list(shlex.split(text))
        except ValueError:
            return list(text.split())
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    if isinstance(first, ast.BinOp):
        while isinstance(first, ast.BinOp):
            first = first.left
    head = context.string(first)
    return [head.split()[0]] if head and " " in head.strip() + head[-1:] and head.split() else []


@extracts(ast.Call, callee=frozenset(name.rpartition(".")[2] for name in _KNOWN))
def subprocess_call(node: ast.Call, context: Context) -> Iterator[SubprocessCall]:
    """
    Each process that is started.

    >>> rows(subprocess_call, "import os\\nfrom subprocess import run as r, Popen\\nr('ls ' + x, shell=True)\\nr(['sh', '-c', x], env=e)\\nos.system(f'rm {x}')\\nPopen(cmd, **options)\\nserver.run('x')")
    SubprocessCall(callee='subprocess.run', shell='true', form='concat', program='ls', has_dash_c=False, env_given=False, cwd_source=None)
    SubprocessCall(callee='subprocess.run', shell='false', form='list', program='sh', has_dash_c=True, env_given=True, cwd_source=None)
    SubprocessCall(callee='os.system', shell='implied', form='fstring', program='rm', has_dash_c=False, env_given=False, cwd_source=None)
    SubprocessCall(callee='subprocess.Popen', shell='unknown', form='variable', program=None, has_dash_c=False, env_given=False, cwd_source=None)
    """
    name = context.name(node.func)
    if name not in _KNOWN:
        return
    command = context.keyword(node, "args", 1 if name.startswith(_SECOND) else 0) or context.keyword(node, "command")
    words = _words(command, context)
    rest = [context.string(part) for part in node.args[1:]] if not isinstance(command, (ast.List, ast.Tuple)) else []
    every = [*words, *rest]
    is_shell = bool(every) and (every[0] or "").rpartition("/")[2].lower() in _SHELLS
    form = shape(command)
    constant = context.constant(command) is not NOT_CONSTANT and form not in {"list", "tuple"}
    yield SubprocessCall(
        callee=name,
        shell=_shell(node, name, context),
        form="constant" if constant else "variable" if form in {"name", "attribute"} else form,
        program=words[0] if words else None,
        has_dash_c=is_shell and bool({"-c", "/c", "/C", "-Command"} & set(every)),
        env_given=context.keyword(node, "env") is not None,
        cwd_source=context.source(context.keyword(node, "cwd")) or None,
    )


_CODE: Final = frozenset(
    "eval exec compile builtins.eval builtins.exec builtins.compile runpy.run_path runpy.run_module code.interact "
    "code.InteractiveInterpreter.runsource code.InteractiveInterpreter.runcode code.InteractiveConsole.push codeop.compile_command "
    "timeit.timeit timeit.repeat timeit.Timer numexpr.evaluate numexpr.re_evaluate pandas.eval pandas.DataFrame.eval "
    "pandas.DataFrame.query sympy.sympify sympy.parsing.sympy_parser.parse_expr cProfile.run cProfile.runctx profile.run "
    "asteval.Interpreter.eval py_mini_racer.MiniRacer.eval js2py.eval_js execjs.eval".split()
)


@extracts(ast.Call, callee=frozenset(name.rpartition(".")[2] for name in _CODE))
def code_execution(node: ast.Call, context: Context) -> Iterator[CodeExecution]:
    """
    Each execution of text as code, by exact name.

    >>> rows(code_execution, "import re, builtins as b\\neval(x, {})\\neval('1' + '1')\\nb.exec(f.read())\\nre.compile(p)\\ncursor.execute(q)\\nmodel.eval()\\nimport timeit\\ntimeit.timeit(lambda: f())")
    CodeExecution(callee='eval', input_source='x', input_kind='name', has_globals=True)
    CodeExecution(callee='eval', input_source="'1' + '1'", input_kind='constant', has_globals=False)
    CodeExecution(callee='builtins.exec', input_source='f.read()', input_kind='call', has_globals=False)
    """
    name = context.name(node.func)
    if name not in _CODE or not (node.args or node.keywords):
        return
    given = node.args[0] if node.args else node.keywords[0].value
    if isinstance(given, ast.Lambda):  # a function is handed over, no text
        return
    kind = "constant" if context.constant(given) is not NOT_CONSTANT else shape(given)
    names = {"globals", "locals", "local_dict", "globals_", "init_globals"}
    is_plain = name.rpartition(".")[2] in {"eval", "exec"}
    has_globals = (is_plain and len(node.args) > 1) or any(keyword.arg in names for keyword in node.keywords)
    yield CodeExecution(name, context.source(given), kind, has_globals)
