"""Django: what stands in the files themselves; classes are read by derivations."""
