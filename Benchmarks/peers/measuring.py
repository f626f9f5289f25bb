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
    """Its name with family and model, as processors of several generations may have one name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    facts = {name.strip(): value.strip() for name, _, value in (s.partition(":") for s in lines)}
    name = facts.get("model name") or platform.processor() or platform.machine()
    if "cpu family" not in facts:
        return name
    return f"{name} (family {facts['cpu family']}, model {facts['model']})"
