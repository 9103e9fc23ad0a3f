"""first version: ours alone"""

from __future__ import annotations
import argparse, sys, tempfile
from pathlib import Path
from bench.pollers import farm as farms, programs


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--latency-ms", default="50-200")
    a = parser.parse_args()
    peer = farms.ROOT / ".venv-peers/bin/python"
    python = str(peer) if peer.exists() else sys.executable
    with (
        farms.farm(a.feeds, a.items, a.latency_ms, python) as farm,
        tempfile.TemporaryDirectory() as t,
    ):
        ours = programs.monitor(Path(t), farm.urls)
        for name in ("first", "unchanged", "one new"):
            if name == "one new":
                farm.publish()
            before = farm.cpu_s()
            f = ours.poll()
            print(
                f"{name:10} {f.feeds_per_s:7.1f} feeds/s  wall {f.wall_s:6.2f} s  {f.cpu_per_1000:6.2f} CPU-s/1000  peak {f.peak_mb:.0f} MB  failed {f.failed}  farm {farm.cpu_s() - before:.2f} CPU-s",
                flush=True,
            )
        print("stored", ours.stored(), "published", farm.published(a.feeds))
        ours.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
