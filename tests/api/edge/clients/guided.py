"""The same as guided.mjs, for the program that it is given."""

import builtins
import os
import runpy
import sys
from typing import Any

write = print
write("ready", flush=True)
os.environ["MILEPOST_TOKEN"] = input()


def printed(*texts: Any, **options: Any) -> None:
    write(*texts, **options)
    input()


builtins.print = printed
runpy.run_path(sys.argv[1], run_name="__main__")
