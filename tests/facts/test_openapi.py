"""The operations of OpenAPI documents are routes, and what they hand over is a client's (as connexion 3.3 does it)."""

import pytest

from aud_action.pipeline import index, scan
from aud_action.settings import Settings
from aud_action.store import Store

DOCUMENT = """\
openapi: 3.0.1
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example/v1"}]
paths:
  /items/{itemId}/{word}:
    get:
      operationId: api.items.get
      parameters:
        - {name: itemId, in: path, required: true, schema: {type: integer}}
        - {name: word, in: path, required: true, schema: {type: string}}
        - {name: sort-by, in: query, schema: {type: string}}
        - {$ref: "#/components/parameters/pages"}
        - {name: kind, in: query, schema: {$ref: "#/components/schemas/kind"}}
        - {name: X-Trace, in: header, schema: {type: string}}
  /orders:
    post:
      x-openapi-router-controller: api.orders
      operationId: add
      requestBody: {content: {application/json: {schema: {type: object}}}}
    put:
      operationId: listOrders
components:
  parameters:
    pages: {name: pages, in: query, schema: {type: array, items: {type: integer}}}
  schemas:
    kind: {type: string, enum: [a, b]}
"""
ITEMS = """\
import os

def get(item_id, word, sort_by, pages, kind, x_trace=None, internal=None):
    os.system(f"a {item_id}")
    os.system(f"a {word}")
    os.system(f"a {sort_by}")
    os.system(f"a {pages[0]}")
    os.system(f"a {kind}")
    os.system(f"a {x_trace}")
    os.system(f"a {internal}")
"""
ORDERS = """\
import os

def add(body):
    os.system(body["program"])

def other(body):
    os.system(body["program"])
"""


@pytest.fixture
def project(tmp_path):
    for path, text in {"spec/openapi.yaml": DOCUMENT, "api/items.py": ITEMS, "api/orders.py": ORDERS}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "api" / "__init__.py").touch()
    return tmp_path


def test_each_operation_that_names_a_function_is_a_route(project, tmp_path_factory):
    database = tmp_path_factory.mktemp("out") / "aud.db"
    index(Settings(root=project, jobs=1), database)
    store = Store(database)
    routes = list(store.rows("SELECT method, pattern, handler_name FROM python_route_declarations ORDER BY site"))
    captures = list(store.rows("SELECT name, converter FROM python_route_parameters ORDER BY site, position"))
    store.close()
    assert routes == [("GET", "/v1/items/{itemId}/{word}", "api.items.get"), ("POST", "/v1/orders", "api.orders.add")]
    assert captures == [("itemId", "int"), ("word", "str")]


def test_what_an_operation_hands_over_is_followed_by_its_type(project):
    result = scan(Settings(root=project, jobs=1, select=("command-injection",)))
    places = sorted((one.location.path, one.location.line) for one in result.findings)
    assert places == [("api/items.py", 5), ("api/items.py", 6), ("api/orders.py", 4)]


@pytest.mark.parametrize(
    "text",
    [
        "openapi: 3.0.0\npaths: {/a: {get: {operationId: api.items.get, parameters: 3}}, /b: 1, /c: {get: []}}",
        "openapi: 3.0.0\npaths: {/a: {get: {operationId: 'api.items.for'}}, /b: {get: {operationId: 'a; import os.b'}}}",
        "openapi: 3.0.0\npaths: {/a: {get: {operationId: a.b, parameters: [{$ref: '#/x'}]}}}\nx: {$ref: '#/x'}",
        'openapi: 3.0.0\npaths: {"/a\')": {get: {operationId: a.b, parameters: [{name: "q\'}", in: query}]}}}',
    ],
    ids=["other shapes", "no names", "a ring", "quotes"],
)
def test_an_odd_document_harms_nobody(tmp_path, text):
    (tmp_path / "openapi.yaml").write_text(text + "\n# operationId\n")
    (tmp_path / "a.py").write_text("def b(q): pass\n")
    assert scan(Settings(root=tmp_path, jobs=1)).unanalysed == ()
