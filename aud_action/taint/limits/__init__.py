"""Limits: what an analysis may cost, and what is said where it stops."""
