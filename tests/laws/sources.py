"""Sources that `ast.parse` accepts: real statements, cut out of a pool and spliced into one another's bodies."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
EXTRA = (
    '''
async def gen(a, /, b: int = 1, *args, c, d="x", **kw) -> "list[int]":
    async with open(a) as f, g() as (h, i):
        async for x in f: yield await x
    return_ = [y async for y in gen() if (z := y)]
    nonlocal_ = lambda *a, k=1: (yield)
match cmd.split():
    case ["go", str() as where, *rest] if where: pass
    case {"a": 1, **more} | P(x=0, y=None): pass
    case -1 | 1 + 2j | "a" "b": pass
    case _: pass
try:
    raise ValueError("é😀" f"{x!r:>{width}}") from None
except* (KeyError, a.b) as group: del x[0], y.z
finally: global_ = 1
class A(B[int], metaclass=M, **opts):
    """>>> f(1)  # doctest: +SKIP
    2"""
    __slots__ = ()
    x: "Optional[int]" = field(default=...)
    @property
    def p(self): return self.__dict__["\\ud800"]
    @p.setter
    def p(self, v): self.x, (self.y, *self.z) = v
    class Meta: csrf = False
import a.b as c, d; from . import e; from .f import *; from __future__ import annotations
c.execute("SELECT %s FROM " + t + f" WHERE {x}" % y, (1,)); q = ""; q += f"{q}"; q = q + q; cur.execute(q)
T = TypeVar("T", bound="int"); E = Enum("E", "a b"); N = namedtuple("N", "x y"); L = Literal["a", -1, None]
os.environ["K"] = os.environ.get("K", 1 << 5); subprocess.run(["sh", "-c", f"{x}"], env={**os.environ, "A": 1}, **k)
app.conf.beat_schedule = {"a": {"task": t, "schedule": crontab()}, **b}; x.delay(*a, **k); chain(a.s(), b.si())
jwt.decode(t, options={"verify_signature": False, **o}); hashlib.new(name); bcrypt.hashpw(*a); open(*a, **k)
@pytest.mark.parametrize("a,b", [*x], indirect=["a"]); @app.task(bind=True); @click.option("--a/--b", envvar=["X"])
def test_x(a, b, monkeypatch, *, c): assert (1, 2); monkeypatch.setenv(*a)
'''.replace("@pytest.mark", "\n@pytest.mark")
    .replace("; @app", "\n@app")
    .replace("; @click", "\n@click")
)


def _pool() -> list[ast.stmt]:
    statements: list[ast.stmt] = []
    for path in sorted((ROOT / "extractors").rglob("*.py"))[::3] + sorted((ROOT / "fixtures").rglob("*.py")):
        statements += ast.parse(path.read_text("utf-8")).body
    return statements + [statement for _ in range(20) for statement in ast.parse(EXTRA).body]


POOL = _pool()
NAMES = st.sampled_from(["a", "self", "os", "app", "x", "request", "pytest", "é", "typing"])


class _Renamed(ast.NodeTransformer):
    """Some names become others, so that imports are shadowed and definitions collide."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)


@st.composite
def sources(draw: st.DrawFn) -> str:
    """A module of two to six statements, some put into the bodies of others, some names changed."""
    chosen = draw(st.lists(st.sampled_from(range(len(POOL))), min_size=2, max_size=6))
    trees = [ast.parse(ast.unparse(POOL[index])).body[0] for index in chosen]
    renamed = _Renamed(draw(st.dictionaries(NAMES, NAMES, max_size=3)))
    trees = [renamed.visit(tree) for tree in trees]
    module = ast.Module([], [])
    for tree in trees:
        holders = [node for node in ast.walk(module) if isinstance(getattr(node, "body", None), list)]
        holder = draw(st.sampled_from(holders))
        holder.body.insert(draw(st.integers(0, len(holder.body))), tree)
    text = ast.unparse(ast.fix_missing_locations(module))
    try:
        ast.parse(text)
    except SyntaxError:  # a `from __future__` or a `return` that came to stand where it may not
        return "".join(ast.unparse(tree) + "\n" for tree in trees[:1])
    return text
