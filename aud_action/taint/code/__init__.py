"""Code as the analysis runs it: the project's modules, functions and classes, and the frame of one run."""
