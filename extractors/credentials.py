"""Credentials by use: a literal that is given a credential's name."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from extractors.context import At, Context
from extractors.registry import extracts
from schema.secrets import Secret

_NAME: Final = re.compile(
    r"(?i)(?:^|[_.\-\b])(?:(?P<password>pass(?:word|wd|phrase)?|passwort|pwd|passcode)"
    r"|(?P<key>(?:api|secret|private|encryption|signing|access|auth|service|account|master|jwt|hmac|aes|fernet|webhook|signature|cipher|crypto|token|cookie)[_-]?key(?:[_-]?base)?|apikey|secretkey)"
    r"|(?P<secret>secret|client[_-]?secret|app[_-]?secret|jwt[_-]?secret|salt[_-]?secret|shared[_-]?secret|credentials?)"
    r"|(?P<token>(?:access|auth|api|bearer|refresh|bot|session|oauth|security)[_-]?token|token))\d?$"
)
_NOT_NAME: Final = re.compile(
    r"(?i)(?:^|_)(?:field|label|help|text|prompt|msg|message|title|placeholder|url|uri|path|file|template|regex|pattern|header|param|query"
    r"|prefix|suffix|type|kind|format|column|env|var|view|form|html|id|name|alias|algorithm|hasher|hash|hashed|encrypted|encoded|digest|csrf|page|next|end|start|stop|pad|unk|eos|bos|sep|mask|reset|forgot|forgotten)"
    r"(?:_|$)"
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLACEHOLDER: Final = re.compile(
    r"(?i)^(?:.{0,5}|__\w+__|[a-z]\w*(?::[a-z]+(?:_[a-z]+)*)+|UA-\d+-\d+|G-[A-Z\d]{8,12}|GTM-[A-Z\d]{4,9}|phc_\w+|anonymous@.*|[A-Z][A-Z\d-]*:[a-z]+(?:_[a-z]+)*|pk_(?:live|test)_\w+|none|null|nil|undefined|true|false|changeme|change[-_ ]?(?:me|this|it).*|.*change[-_ ]?me.*|to[-_ ]?do.*|fix[-_ ]?me.*|x{3,}.*|\*+.*|\.{3,}|-+|_+"
    r"|<.*>|\(.*\)|\d+/(?:s|m|h|d|sec|min|hour|day)\w*(?:/.*)?|\{.*\}|\[.*\]|\$\{?.*|%.*|your[-_ ]?.*|my[-_ ]?(?:pass|secret|token|key).*|.*(?:example|sample|dummy|placeholder|redacted|not[-_ ]?(?:set|used|a[-_ ]).*|insert[-_ ]?.*here|replace[-_ ]?(?:me|this|with)).*"
    r"|(?:pass(?:word|wd|phrase)?|secret|token|(?:api|secret|access|private)[-_ ]?key|credentials?|auth|bearer|basic|session|hunter2|default|unused|fake|foo|bar|baz|abc|test)[-_ ]?\d*"
    r"|(?:get|set|use|new|old|the|a|no|is|has|invalid|missing|wrong|enter|confirm|forgot|reset|current|repeat|user|admin|db|database)[-_ ](?:pass(?:word|wd)?|secret|token|key).*)$"
)
_WORDS: Final = re.compile(
    r"\s|^(?:https?|file|ftp)://|^[/.~]|[/\\].*[/\\]|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^[a-z]+(?:[._-][a-z]+)+$|^[a-z_]+$|^[A-Z][a-z]+$|[<>{}%]|\(\)|^--?[a-z]|:$|^application/|^[a-z_]\w*(?:\.\w+)+:\w+$"
)
_BASE64: Final = re.compile(
    r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/]{40}|(?=.*\d)(?=.*[A-Z])[A-Za-z0-9+/]{22,}={1,2}"
)
_CARRIED: Final = re.compile(r"(?:Basic|Bearer|Token|token|ApiKey|Key)\s+([A-Za-z0-9+/=_.\-]{12,})$")
_PLACES: Final = re.compile(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^[a-z_]+$|^(?:https?|file|env):|^[/~.]|^[<{%$]")
_LONGEST: Final = 512  #: characters above which a literal is a text, not a password
_SHORTEST: Final = 6  #: characters below which a literal says nothing
_PAIRS: Final = frozenset({"auth", "basic_auth", "http_auth", "proxy_auth"})  #: arguments that are (user, password)
_LOOKING_UP: Final = frozenset("get getenv config env setdefault getpass setenv putenv".split())
_WRAPPERS: Final = frozenset(
    {"SecretStr", "SecretBytes", "Secret"}
)  #: types of Pydantic and Starlette that hide it in prints
_CONSTANT, _ATTRIBUTE, _NAME_NODE = ast.Constant, ast.Attribute, ast.Name


def entropy(text: str) -> float:
    """
    Shannon's entropy of the characters, in bits per character.

    >>> entropy("aaaa"), entropy("abcd")
    (0.0, 2.0)
    """
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) + 0.0 if text else 0.0


def masked(text: str) -> str:
    """
    Enough of a secret to find it again, too little to use it.

    >>> masked("hunter2hunter2"), masked("short")
    ('hun…', '…')
    """
    return (text[: min(4, len(text) // 4)] if len(text) >= 8 else "") + "…"


@lru_cache(maxsize=8192)
def kind(name: str) -> str | None:
    """
    What a name says it holds: password, key, secret or token; None for anything else.

    >>> [kind(name) for name in ("DB_PASSWORD", "stripeApiKey", "webhook_key", "password_label", "tokens", "user.secret")]
    ['password', 'key', 'key', None, None, 'secret']
    """
    plain = _CAMEL.sub("_", name.strip("\"'"))
    found = _NAME.search(plain)
    return found.lastgroup if found and not _NOT_NAME.search(plain) else None


def is_credential(word: str, text: str) -> bool:
    """
    Whether a literal can be a real credential: not a placeholder, not a word, path, address or name of one.

    >>> [is_credential("password", text) for text in ("changeme", "Tr0ub4dor&3", "DB_PASSWORD", "PGPASSWORD", "(hidden)", "20/m/ip,5/m/key")]
    [False, True, False, False, False, False]
    >>> [is_credential("token", text) for text in ("__NO_TOKEN1__", "shop2:reset_password", "UA-186249766-2", "phc_99T7muzafUMMZX15", "shop2:tr0ub4dor")]
    [False, False, False, False, True]
    """
    if (
        len(text) < _SHORTEST
        or len(text) > _LONGEST
        or _PLACEHOLDER.match(text)
        or not text.isascii()
        or not text.isprintable()
    ):
        return False
    if word == "password":
        return not re.search(
            r"\s|[<>{}]|^%|^https?://|^[/~.]|^[A-Z][A-Z0-9]*_[A-Z0-9_]+$|^[A-Z]{2,4}PASSW(?:OR)?D$|^[a-z]+(?:[._-][a-z]+)+$|^[a-z_]+$|^[A-Z]?[a-z]+$",
            text,
        )
    return (
        not (_WORDS.search(text) and not _BASE64.fullmatch(text))
        and entropy(text) >= 2.8
        and bool(re.search(r"\d", text) or re.search(r"[a-z][A-Z]|[A-Z][a-z]", text))
    )


def must_hide(word: str, text: str) -> bool:
    """
    Whether a literal under a credential's name is kept from the database, though too plain to be reported.

    >>> [must_hide("key", text) for text in ("not so secret", "changeme", "API_KEY", "/run/secrets/key")]
    [True, False, False, False]
    """
    return (
        word != "token"
        and _SHORTEST <= len(text) <= _LONGEST
        and text.isascii()
        and not (_PLACEHOLDER.match(text) or _PLACES.match(text))
    )


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _is_long(node: Any) -> bool:
    """Whether a constant is a text that can be a credential by its length."""
    value = node.value
    return (value.__class__ is str or value.__class__ is bytes) and len(value) >= _SHORTEST


def _literal_of(node: Any) -> Any:
    """The literal that an expression is: also joined of several, made a secret's type, or what stands in for nothing."""
    kind_of = node.__class__
    if kind_of is _CONSTANT:
        return node
    if kind_of is ast.Call and len(node.args) == 1 and not node.keywords and _last(node.func) in _WRAPPERS:
        return _literal_of(node.args[0])
    if kind_of is ast.BinOp and node.op.__class__ is ast.Add:
        sides: list[Any] = [_literal_of(node.left), _literal_of(node.right)]
        texts = [one.value for one in sides if one is not None]
        if len(texts) == 2 and texts[0].__class__ is texts[1].__class__ and texts[0].__class__ in {str, bytes}:
            return ast.Constant(texts[0] + texts[1])
    return None


def _secret(name: str, node: Any, context: Context, origin: str, at: ast.AST, shown: str = "") -> list[At]:
    if not name or node.__class__ is not _CONSTANT or not _is_long(node):
        return []
    word = kind(name)
    if word is None:
        return []
    text: Any = node.value
    if text.__class__ is bytes:
        text = text.decode("latin-1")
    is_real = is_credential(word, text) and _letters(text) != _letters(name)
    if is_real or must_hide(word, text):
        context.secrets.add(text)
    if not is_real:
        return []
    return [At(at, Secret(word, shown or name, origin, masked(text), len(text), round(entropy(text), 2)))]


@extracts(ast.Assign, ast.AnnAssign)
def assigned(node: Any, context: Context) -> Iterable[At]:
    """
    Each literal assigned to a credential's name.

    >>> rows(assigned, "DB_PASSWORD = 'Tr0ub4dor&3'\\nconfig['api_key'] = 'k3jd83kQ02mz93wd'\\npassword = input()")
    Secret(kind='password', name='DB_PASSWORD', place='assignment', masked='Tr…', length=11, entropy=3.28)
    Secret(kind='key', name='api_key', place='assignment', masked='k3jd…', length=16, entropy=3.45)
    >>> rows(assigned, "smtp_password: SecretStr = SecretStr('Tr0ub4dor&3')\\nhook_secret = 'whsec_' + 'k3jd83kQ02mz93wd'\\napi_key = os.environ.get('API_KEY') or 'k3jd83kd02kd93ke'")
    Secret(kind='password', name='smtp_password', place='assignment', masked='Tr…', length=11, entropy=3.28)
    Secret(kind='secret', name='hook_secret', place='assignment', masked='whse…', length=22, entropy=3.97)
    Secret(kind='key', name='api_key', place='fallback', masked='k3jd…', length=16, entropy=2.91)
    >>> rows(assigned, "new_credentials = 'NewCredentials'\\npassword = SecretStr(given)\\npassword = 'Tr0ub4dor&3' + salt")
    """
    value, origin = node.value, "assignment"
    if value.__class__ is ast.BoolOp and value.op.__class__ is ast.Or:
        value, origin = value.values[-1], "fallback"
    if value.__class__ is not _CONSTANT:
        value = _literal_of(value)
    if value is None or not _is_long(value):
        return ()
    found: list[At] = []
    for target in node.targets if node.__class__ is ast.Assign else [node.target]:
        name = ""
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            name = str(target.slice.value)
        elif isinstance(target, (ast.Name, ast.Attribute)):
            name = target.attr if isinstance(target, ast.Attribute) else target.id
        found += _secret(name, value, context, origin, target)
    return found


@extracts(ast.Call)
def given(node: ast.Call, context: Context) -> Iterable[At]:
    """
    Each literal given to a parameter with a credential's name, or as what stands in for a missing variable.

    >>> rows(given, "connect(password='Tr0ub4dor&3')\\nos.environ.get('API_KEY', 'k3jd83kd02kd93ke')")
    Secret(kind='password', name='password', place='argument', masked='Tr…', length=11, entropy=3.28)
    Secret(kind='key', name='API_KEY', place='fallback', masked='k3jd…', length=16, entropy=2.91)
    >>> rows(given, "env.str('API_KEY', default='k3jd83kd02kd93ke')")
    Secret(kind='key', name='API_KEY', place='fallback', masked='k3jd…', length=16, entropy=2.91)
    >>> rows(given, "ftp.login('shop', 'Tr0ub4dor&3')\\nsmtp.login('shop', password)\\nlogin('shop', 'Tr0ub4dor&3')")
    Secret(kind='password', name='password', place='argument', masked='Tr…', length=11, entropy=3.28)
    >>> rows(given, "demo.launch(auth=('lab', 'Tr0ub4dor&3'))\\nrequests.get(url, auth=('user', 'password'))")
    Secret(kind='password', name='auth', place='argument', masked='Tr…', length=11, entropy=3.28)
    """
    keywords, positional = node.keywords, node.args
    found: list[At] = []
    if positional:
        func: Any = node.func
        of = func.__class__  # asked of every call: not worth a call of its own
        called = func.attr if of is _ATTRIBUTE else func.id if of is _NAME_NODE else ""
        if called in _POSITIONS:
            _hide_positional(node, context)
            if len(positional) > 1 and called in _LOG_INS and (of is _ATTRIBUTE or called != "login"):
                found += _secret("password", positional[1], context, "argument", node)
    if not keywords and len(positional) != 2:
        return found
    for keyword in keywords:
        value = keyword.value
        if value.__class__ is ast.Tuple and keyword.arg in _PAIRS and len(value.elts) == 2:
            found += _secret("password", value.elts[1], context, "argument", node, keyword.arg)
        elif value.__class__ is _CONSTANT and keyword.arg and _is_long(value):
            found += _secret(keyword.arg, value, context, "argument", node)
            if keyword.arg == "default" and len(positional) == 1 and positional[0].__class__ is _CONSTANT:
                found += _secret(str(positional[0].value), value, context, "fallback", node)
    if len(positional) == 2 and positional[0].__class__ is _CONSTANT and positional[1].__class__ is _CONSTANT:
        if _last(node.func) in _LOOKING_UP:
            found += _secret(str(positional[0].value), positional[1], context, "fallback", node)
    return found


def _last(func: Any) -> str:
    """The last segment of a callee as it is written."""
    kind = func.__class__
    return str(func.attr if kind is ast.Attribute else func.id if kind is ast.Name else "")


#: positions at which the functions of these names are given a password or key
_POSITIONS: Final = {
    "Fernet": (0,),
    "new": (0,),
    "create_user": (2,),
    "create_superuser": (2,),
    "set_password": (0,),
    "encode": (1,),
    "decode": (1,),
    "connect": (1, 2),
    "PlainCredentials": (1,),
    "login": (1,),
    "HTTPBasicAuth": (1,),
    "BasicAuth": (1,),
    "Serializer": (0,),
    "URLSafeSerializer": (0,),
    "URLSafeTimedSerializer": (0,),
    "Signer": (0,),
    "TimestampSigner": (0,),
}

#: of these, the ones that come second after a user's name: methods of a connection, and classes
_LOG_INS: Final = frozenset({"login", "HTTPBasicAuth", "BasicAuth"})


def _hide_positional(node: ast.Call, context: Context) -> None:
    """Keep a literal password or key that a call is given by position from the database."""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    for position in _POSITIONS.get(name, ()):
        given = node.args[position] if position < len(node.args) else None
        text = given.value if isinstance(given, ast.Constant) else None
        if isinstance(text, bytes):
            text = text.decode("latin-1")
        if isinstance(text, str) and is_credential("password", text) and re.search(r"\d", text):
            context.secrets.add(text)


@extracts(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
def defaulted(node: Any, context: Context) -> Iterable[At]:
    """
    Each literal that a parameter with a credential's name has when none is given.

    >>> rows(defaulted, "def connect(user, password='Tr0ub4dor&3', *, token=None): ...")
    Secret(kind='password', name='password', place='default', masked='Tr…', length=11, entropy=3.28)
    """
    arguments = node.args
    if not arguments.defaults and not arguments.kw_defaults:
        return ()
    found: list[At] = []
    positional = [*arguments.posonlyargs, *arguments.args]
    if arguments.defaults:
        for parameter, default in zip(positional[-len(arguments.defaults) :], arguments.defaults, strict=True):
            found += _secret(parameter.arg, default, context, "default", parameter)
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found += _secret(parameter.arg, default, context, "default", parameter)
    return found


@extracts(ast.Dict)
def listed(node: ast.Dict, context: Context) -> Iterator[At]:
    """
    Each literal under a credential's name in a dict.

    >>> rows(listed, "DATABASES = {'default': {'USER': 'shop', 'PASSWORD': 'Tr0ub4dor&3'}}")
    Secret(kind='password', name='PASSWORD', place='dict', masked='Tr…', length=11, entropy=3.28)
    """
    for key, value in zip(node.keys, node.values, strict=True):
        if value.__class__ is ast.Constant and key.__class__ is ast.Constant and isinstance(key.value, str):
            carried = _CARRIED.match(str(value.value)) if key.value.lower() == "authorization" else None
            if carried and not re.search(r"(?i)example|your|placeholder|x{3}|token$", carried[1]):
                context.secrets.add(carried[1])
            yield from _secret(key.value, value, context, "dict", key)


def spoken(node: ast.expr) -> str:
    """The name that a side of a comparison goes by: a variable's, an attribute's, a key's."""
    if isinstance(node, ast.Call) and _last(node.func) == "get" and node.args:
        node = node.args[0]
    if isinstance(node, ast.Subscript):
        node = node.slice
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


@extracts(ast.Compare)
def compared(node: ast.Compare, context: Context) -> Iterator[At]:
    """
    Each literal that a credential is compared with.

    >>> rows(compared, "if password == 'Tr0ub4dor&3': ...")
    Secret(kind='password', name='password', place='comparison', masked='Tr…', length=11, entropy=3.28)
    >>> rows(compared, "if request.headers.get('X-Token') != 'k3jd83kQ02mz93wd': ...")
    Secret(kind='token', name='X-Token', place='comparison', masked='k3jd…', length=16, entropy=3.45)
    """
    if len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        for side, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
            if other.__class__ is ast.Constant:
                name = spoken(side)
                yield from _secret(name, other, context, "comparison", node)
