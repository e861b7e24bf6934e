"""Where the time of one process goes while it extracts: a profile to look at, not a test."""

from __future__ import annotations

import cProfile
import gc
import pstats
import sys
import time
from pathlib import Path

from aud_action.files import find
from aud_action.settings import Settings
from extractors.walk import decode, extract, parse

gc.disable()
files = find(Settings(root=Path(sys.argv[1])))
sources = [(file, Path(file.real.decode()).read_bytes()) for file in files]
start = time.process_time()
for _file, raw in sources:
    try:
        parse(decode(raw)[0])
    except ValueError:
        continue
parsed = time.process_time() - start
start = time.process_time()
for file, raw in sources:
    extract(raw, file.path, file.number, file.module, file.is_package)
print(f"parse {parsed:.2f} s, extract with parse {time.process_time() - start:.2f} s")
if "--profile" in sys.argv:
    with cProfile.Profile() as profile:
        for file, raw in sources:
            extract(raw, file.path, file.number, file.module, file.is_package)
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
