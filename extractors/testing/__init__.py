"""Tests: pytest, unittest, Hypothesis, doctest, mocks."""
