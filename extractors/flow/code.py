"""
The small language that functions are lowered to: one number per construct, tuples for trees.

An expression is a `str` (a name), `None` (absent) or a tuple that begins with one of the numbers below. `at` is an
index into the function's table of places, -1 for a construct that no path mentions.
"""

from __future__ import annotations

from typing import Any

Code = Any
"""A tree of tuples, strings, numbers and None, as msgpack carries it."""

# Expressions
CONST = 0  #: value
ATTR = 1  #: base, name, at
ITEM = 2  #: base, key, at
CALL = 3  #: callee, positional, (name | None, value)*, at
ADD = 4  #: operands, at
BIN = 5  #: operator, left, right, at
TEXT = 6  #: pieces of an f-string, at
PIECE = 7  #: value, conversion, format spec
TUPLE = 8  #: elements
LIST = 9  #: elements
SET = 10  #: elements
DICT = 11  #: (key | None, value)*
BOOL = 12  #: "and" | "or", operands
NOT = 13  #: operand
COMPARE = 14  #: left, (operator, right)*
CHOICE = 15  #: test, then, otherwise
LAMBDA = 16  #: index of the function
EACH = 17  #: kind, element, value, ((target, iterable, tests)*), at
YIELD = 18  #: value
YIELD_FROM = 19  #: value
BIND = 20  #: name, value
STAR = 21  #: value
SLICE = 22  #: lower, upper, step
MINUS = 23  #: operand
SOME = 24  #: a constant whose value was left out
TEMPLATE = 25  #: texts and pieces of a t-string, at

# Statements
DO = 30  #: expression
SET_TO = 31  #: targets, value, at
CHANGE = 32  #: target, operator, value, at
RETURN = 33  #: value, at
IF = 34  #: test, then, otherwise
WHILE = 35  #: test, body, otherwise
FOR = 36  #: target, iterable, body, otherwise, at
TRY = 37  #: body, ((type, name, body, at)*), otherwise, finally
WITH = 38  #: ((value, target)*), body
RAISE = 39  #: value
BREAK = 40
CONTINUE = 41
DELETE = 42  #: targets
DEF = 43  #: index of the function, decorators, at
CLASS = 44  #: index of the class
IMPORT = 45  #: bound name, module, name | None, level
GLOBAL = 46  #: names
MATCH = 47  #: subject, ((pattern, guard, body)*)
ASSERT = 48  #: test
TYPED = 49  #: name, annotation, value | None, at

# Patterns of `match`
ANY_OF = 60  #: patterns
EQUALS = 61  #: value
CAPTURE = 62  #: name | None, pattern | None
SEQUENCE = 63  #: patterns
MAPPING = 64  #: (key, pattern)*, rest
SHAPE = 65  #: class, positional patterns, (name, pattern)*
REST = 66  #: name | None
