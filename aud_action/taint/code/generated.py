"""Modules that are made when a project is built."""

from __future__ import annotations


def is_generated(*names: str) -> bool:
    """Whether a module is made from a protocol (`shop_pb2_grpc`), so that it may not be there to be read."""
    return any(name.endswith(("_pb2", "_pb2_grpc")) for name in names)
