"""In which scope a thing stands."""

from extractors.walk import extract

SOURCE = b"""\
class Shop:
    def sell(self, thing, *, price=lambda old: old):
        return thing

async def close(shop): ...
"""


def test_a_parameter_stands_in_its_function_and_a_function_in_its_class():
    tables = extract(SOURCE, "shop.py", 1, "shop", False).tables
    scopes = {row[0]: row[1] for row in tables["scopes"]}
    inside = {site: scopes.get(scope) for site, *_, scope in tables["sites"]}
    assert {(row[1], inside[row[0]]) for row in tables["python_parameters"]} == {
        ("self", "shop.Shop.sell"),
        ("thing", "shop.Shop.sell"),
        ("price", "shop.Shop.sell"),
        ("old", "shop.Shop.<lambda>"),
        ("shop", "shop.close"),
    }
    assert {(row[2], inside[row[0]]) for row in tables["python_functions"]} == {
        ("shop.Shop.sell", "shop.Shop"),
        ("shop.Shop.<lambda>", "shop.Shop"),
        ("shop.close", "shop"),
    }
