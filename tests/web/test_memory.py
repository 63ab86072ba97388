import ctypes
import subprocess
import sys

import pytest

# Blocks too small for a mapping of their own, and every hundredth of them held, so that no heap ends in free memory.
GROWN = """
import os
import re
import threading
from pathlib import Path
from tonewise.web.memory import give_back

def megabytes():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1000

held = []

def work():
    blocks = [os.urandom(20_000) for _ in range(5_000)]
    held.extend(blocks[::100])

thread = threading.Thread(target=work)
thread.start()
thread.join()
before = megabytes()
give_back()
print(before - megabytes())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library has no malloc_trim")
def test_what_is_free_again_goes_back_to_the_system():
    done = subprocess.run([sys.executable, "-c", GROWN], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 70  # of 100 MB, of which one is held


def test_a_c_library_without_a_way_is_left_alone(monkeypatch):
    from tonewise.web import memory

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _name: object())
    memory.give_back()
