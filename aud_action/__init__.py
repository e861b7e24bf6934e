"""aud: reads a Python repository once and knows it."""

__version__ = "0.1.0"
