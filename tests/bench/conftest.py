"""Scripts that measure stand beside the tests; they are run by hand or by make, not collected for doctests."""

collect_ignore_glob = ["[!t]*.py"]
