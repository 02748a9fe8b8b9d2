#!/usr/bin/env python3
"""The transport kernel beside the same scheme in numba, on one core each.

Usage: python3 benches/compare_transport.py target/release/island-twin [cells of a side] [steps]
Needs numpy, numba and the GDAL program gdal_translate. Both carry one hill once around the same vortex: van Leer's flux,
east-west and north-south in turn. Times are processor time, so that a busy machine can be measured, and the least of
three runs; without reading, writing and compiling: of ours, what a run of two steps takes is taken off.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import numpy as np


@numba.njit(cache=False, fastmath=False)
def half_slope(a, b):
    return a * b / (a + b) if a * b > 0.0 else 0.0


@numba.njit(cache=False, fastmath=False)
def sweep(c, m, out):
    """Along the last axis; m has one face more than cells."""
    rows, n = c.shape
    h = np.zeros(n)
    f = np.zeros(n + 1)
    for j in range(rows):
        for i in range(1, n - 1):
            h[i] = half_slope(c[j, i] - c[j, i - 1], c[j, i + 1] - c[j, i])
        for i in range(1, n):
            v = m[j, i]
            f[i] = v * (c[j, i - 1] + (1.0 - v) * h[i - 1]) if v > 0.0 else v * (c[j, i] - (1.0 + v) * h[i])
        for i in range(n):
            out[j, i] = c[j, i] - (f[i + 1] - f[i])


@numba.njit(cache=False, fastmath=False)
def sweep_down(c, m, out):
    """Along the first axis, whole rows at a time."""
    rows, n = c.shape
    h0 = np.zeros(n)
    h1 = np.zeros(n)
    f0 = np.zeros(n)
    f1 = np.zeros(n)
    for j in range(rows):
        for i in range(n):
            h1[i] = half_slope(c[j, i] - c[j - 1, i], c[j + 1, i] - c[j, i]) if 0 < j < rows - 1 else 0.0
            v = m[j, i]
            if j == 0:
                f1[i] = 0.0
            else:
                f1[i] = v * (c[j - 1, i] + (1.0 - v) * h0[i]) if v > 0.0 else v * (c[j, i] - (1.0 + v) * h1[i])
                out[j - 1, i] = c[j - 1, i] - (f1[i] - f0[i])
            h0[i] = h1[i]
            f0[i] = f1[i]
    for i in range(n):
        out[rows - 1, i] = c[rows - 1, i] + f0[i]


def numba_run(c, east, south, steps):
    a, b = c.copy(), np.empty_like(c)
    for step in range(steps):
        if step % 2 == 0:
            sweep(a, east, b)
            sweep_down(b, south, a)
        else:
            sweep_down(a, south, b)
            sweep(b, east, a)
    return a


def write(path, values):
    n = values.shape[0]
    raw = path.with_suffix(".bin")
    values.astype("<f4").tofile(raw)
    raw.with_suffix(".hdr").write_text(
        f"nrows {n}\nncols {n}\nnbits 32\npixeltype float\nbyteorder I\nlayout bil\nulxmap 440000.5\n"
        f"ulymap {1130000 + n - 0.5}\nxdim 1\nydim 1\n")
    raw.rename(raw.with_suffix(".bil"))
    subprocess.run(["gdal_translate", "-q", "-a_srs", "EPSG:9207", raw.with_suffix(".bil"), path], check=True)


def main():
    program = sys.argv[1]
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 1024
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    y, x = np.mgrid[0:n, 0:n]
    x = x + 0.5 - n / 2
    y = n / 2 - y - 0.5
    turn = 0.42 / (n / 2)
    u, v = -turn * y, turn * x
    c = 1e-3 + np.exp(-((x - 0.2 * n) ** 2 + y**2) / 5000)
    east = np.zeros((n, n + 1))
    east[:, 1:-1] = 0.5 * (u[:, 1:] + u[:, :-1])
    south = np.zeros((n + 1, n))
    south[1:-1] = -0.5 * (v[1:] + v[:-1])
    numba_run(c[:64, :64].copy(), east[:64, :65].copy(), south[:65, :64].copy(), 2)
    theirs = []
    for _ in range(3):
        begun = time.process_time()
        end = numba_run(c, east, south, steps)
        theirs.append(time.process_time() - begun)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name, values in [("u", u), ("v", v), ("c", c)]:
            write(folder / f"{name}.tif", values)
        ours = {}
        for precision, threads in [("f32", 1), ("f64", 1), ("f32", 2)]:
            def run(count):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                out = subprocess.run(
                    [program, "simulate", "transport", "--velocity", folder / "u.tif", folder / "v.tif", "--initial",
                     folder / "c.tif", "--dt", "1", "--steps", str(count), "--out", folder / "end.tif",
                     "--precision", precision, "--threads", str(threads), "--json"],
                    check=True, capture_output=True, text=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                told = json.loads(out.stdout)
                told["cpu_s"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                return told

            idle = min(run(2)["cpu_s"] for _ in range(3))
            best = min((run(steps) for _ in range(3)), key=lambda r: r["cpu_s"])
            best["cpu_s"] -= idle
            ours[f"{precision}, {threads} thread(s)"] = best
    print(f"{n} x {n} cells, {steps} steps; processor time, least of three runs")
    print(f"numba {numba.__version__}, f64, 1 thread: {min(theirs):.2f} s, greatest {end.max():.6f}")
    for name, run in ours.items():
        print(f"island-twin, {name}: {run['cpu_s']:.2f} s ({min(theirs) / run['cpu_s']:.2f} times less), on the clock "
              f"{run['simulation_s']:.2f} s, greatest {run['max']:.6f}, change of mass {run['relative_change']:.1e}")


if __name__ == "__main__":
    main()
