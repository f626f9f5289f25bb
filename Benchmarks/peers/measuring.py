"""What the comparisons share."""

import platform
import subprocess
import sys
from pathlib import Path


def output_of(command):
    """What a command prints; ends the program if the command fails."""
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed")
    return process.stdout


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
