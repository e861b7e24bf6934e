"""What follows from other tables, under names of its own: read like a table, stored nowhere."""

from typing import NamedTuple

from schema.table import view


@view(
    "python_cfg_statements",
    """SELECT b.site, b.block, k.key, k.value FROM python_cfg_blocks b,
json_each('["' || replace(b.kinds, ' ', '","') || '"]') k WHERE b.kinds <> ''""",
)
class CfgStatement(NamedTuple):
    """One statement of one block of one function, of `python_cfg_blocks`; its site is the function's."""

    block: int
    position: int  #: 0 is the block's first
    kind: str  #: as in `kinds` of the block


@view(
    "python_sanic_listeners",
    """SELECT site, hook, function, target FROM python_request_hooks WHERE framework = 'sanic'""",
)
class SanicListener(NamedTuple):
    """One listener, signal, middleware or task of a Sanic application, of `python_request_hooks`."""

    event: str
    function: str
    target: str | None


@view(
    "python_file_metrics",
    """SELECT m.id << 24, f.bytes, f.lines, m.parse_ns, m.extract_ns, m.rows, m.errors
FROM file_metrics m JOIN files f USING (id)""",
)
class FileCost(NamedTuple):
    """What one file cost, of `file_metrics`, beside its size, of `files`; its site is the file."""

    bytes: int
    lines: int
    parse_ns: int
    extract_ns: int
    rows: int
    errors: int


@view(
    "python_run_metrics",
    """SELECT NULL, name, unit, CASE WHEN unit IN ('s', 'MB') THEN 'gauge' ELSE 'counter' END, label, value FROM run_metrics""",
)
class RunNumber(NamedTuple):
    """One measured value of this run, of `run_metrics`; it has no site."""

    name: str
    unit: str
    kind: str  #: counter or gauge
    label: str | None
    value: float


@view(
    "python_call_edges",
    """WITH inherited(site, scope, id, name, distance) AS (
  SELECT c.site, s.scope, t.id, t.name, min(h.distance) FROM python_calls c JOIN sites s ON s.id = c.site
  LEFT JOIN scopes own ON own.name = c.callee
  JOIN python_class_hierarchies h ON h.distance > 0 AND h.class_name = substr(c.callee, 1, length(c.callee) - length(c.method) - 1)
  JOIN scopes t ON t.name = h.ancestor || '.' || c.method
  WHERE own.id IS NULL AND c.method <> '' GROUP BY c.site)
SELECT c.site, s.scope, t.id, c.callee, CASE t.kind WHEN 'class' THEN 'constructor' ELSE 'direct' END, (t.id IS NOT NULL) * 1.0
FROM python_calls c JOIN sites s ON s.id = c.site LEFT JOIN scopes t ON t.name = c.callee AND c.callee <> ''
LEFT JOIN python_decorators d ON d.site = c.site LEFT JOIN inherited i ON i.site = c.site WHERE d.site IS NULL AND i.site IS NULL
UNION ALL SELECT site, scope, id, name, 'method', 1.0 FROM inherited
UNION ALL SELECT d.site, d.target_site, t.id, d.name, 'decorator', (t.id IS NOT NULL) * 1.0
FROM python_decorators d LEFT JOIN scopes t ON t.name = d.name AND d.name <> ''
UNION ALL SELECT k.site, s.scope, coalesce(t.id, n.site), k.task, 'task', (coalesce(t.id, n.site) IS NOT NULL) * 1.0
FROM python_task_calls k JOIN sites s ON s.id = k.site LEFT JOIN scopes t ON t.name = k.task AND k.task <> ''
LEFT JOIN (SELECT name, min(site) AS site FROM python_celery_tasks GROUP BY name) n ON n.name = k.task
UNION ALL SELECT i.site, coalesce(i.function_site, s.scope), t.id, i.provider, 'dependency', (t.id IS NOT NULL) * 1.0
FROM python_injected_dependencies i JOIN sites s ON s.id = i.site LEFT JOIN scopes t ON t.name = i.provider
UNION ALL SELECT a.site, s.scope, t.id, a.function, 'callback', (t.id IS NOT NULL) * 1.0
FROM python_async_tasks a JOIN sites s ON s.id = a.site LEFT JOIN scopes t ON t.name = a.function WHERE a.function IS NOT NULL""",
)
class CallEdge(NamedTuple):
    """One call as far as names tell; its site is the call. What methods of unknown objects call is not among them."""

    caller: int  #: site of the function, class or module around
    callee: int | None  #: site of what is called; NULL outside the project, and when its name is not known
    callee_name: str
    kind: str  #: direct, constructor, method (inherited), decorator, task, dependency or callback
    confidence: float  #: 1 when the name leads to a definition, else 0


@view(
    "python_entry_points",
    """WITH decorated AS (SELECT site, target_site FROM python_decorators), entered(site, kind, source_kind) AS (
  SELECT handler, 'route', 'remote' FROM python_routes WHERE handler IS NOT NULL
  UNION SELECT site, 'task', 'database' FROM python_celery_tasks
  UNION SELECT coalesce(d.target_site, m.site), 'consumer', 'network' FROM python_message_consumers m LEFT JOIN decorated d USING (site)
  UNION SELECT coalesce(d.target_site, w.site), 'socket', 'remote' FROM python_websocket_handlers w LEFT JOIN decorated d USING (site)
  UNION SELECT coalesce(d.target_site, w.site), 'socket', 'remote' FROM python_flask_websockets w LEFT JOIN decorated d USING (site)
  UNION SELECT coalesce(d.target_site, g.site), 'resolver', 'remote' FROM python_graphql_resolvers g LEFT JOIN decorated d USING (site)
  UNION SELECT coalesce(d.target_site, t.site), 'tool', 'llm' FROM python_tool_functions t LEFT JOIN decorated d USING (site)
  UNION SELECT site, 'command', 'cli' FROM python_commands)
SELECT e.site, e.site, e.kind, e.source_kind, p.name FROM entered e
LEFT JOIN (SELECT s.scope, p.name FROM python_parameters p JOIN sites s ON s.id = p.site
  WHERE NOT (p.position = 0 AND p.name IN ('self', 'cls')) AND NOT EXISTS (
    SELECT 1 FROM python_api_parameters a WHERE a.site = p.site AND a.place IN ('dependency', 'request'))) p ON p.scope = e.site""",
)
class EntryPoint(NamedTuple):
    """One parameter through which data comes in from outside, or one function without any; its site is the function."""

    function: int  #: site of the function or class
    kind: str  #: route, task, consumer, socket, resolver, tool or command
    source_kind: str  #: remote, network, database, llm or cli
    parameter: str | None


@view(
    "python_function_summaries",
    """WITH given(scope, value) AS (
  SELECT s.scope, min(r.constant) FROM python_returns r JOIN sites s ON s.id = r.site
  GROUP BY s.scope HAVING count(*) = count(r.constant) AND count(DISTINCT r.constant) = 1),
ends(scope, number) AS (SELECT s.scope, count(*) FROM python_flows w JOIN sites s ON s.id = w.site GROUP BY s.scope),
begins(scope, number) AS (
  SELECT s.scope, count(*) FROM python_flow_steps w JOIN sites s ON s.id = w.site WHERE w.position = 0 GROUP BY s.scope)
SELECT f.site, f.site, f.body_hash, CASE WHEN NOT f.is_generator THEN given.value END, coalesce(ends.number, 0), coalesce(begins.number, 0)
FROM python_functions f LEFT JOIN given ON given.scope = f.site LEFT JOIN ends ON ends.scope = f.site
LEFT JOIN begins ON begins.scope = f.site""",
)
class FunctionSummary(NamedTuple):
    """What the database knows of one function as a whole; its site is the function."""

    function: int
    body_hash: str
    returns_constant: str | None  #: what every return gives
    sinks: int  #: flows that end in it
    sources: int  #: flows that begin in it
