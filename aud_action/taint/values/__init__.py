"""Values: what the analysis knows of an object of the program, and how two of them become one."""
