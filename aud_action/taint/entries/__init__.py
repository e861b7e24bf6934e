"""Entries: the functions at which the analysis starts, and what their parameters hold."""
