"""Runs a command on each of several files and prints a line of JSON for each: file, status
(negative for a signal), seconds, the most memory it held (resident, in bytes), and what it printed.

    python3 run_measured.py COMMAND [ARGUMENT...] -- FILE...

A small process has to do this: the kernel counts what the parent held into a child's most. Needs
only the standard library.
"""

import json
import os
import subprocess
import sys
import tempfile
import time


def run(command, file):
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.monotonic()
        process = subprocess.Popen(command + [file], stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        texts = []
        for stream in (output, errors):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    return {
        "file": file,
        "status": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "memory": usage.ru_maxrss * 1024,
        "output": texts[0],
        "errors": texts[1],
    }


def main():
    split = sys.argv.index("--")
    for file in sys.argv[split + 1 :]:
        print(json.dumps(run(sys.argv[1:split], file)), flush=True)


if __name__ == "__main__":
    main()
