#!/usr/bin/env python3
"""Our fire beside pyretechnics (pip install pyretechnics): the same grass, wind and hours, each on one core.

    cargo build --release --no-default-features
    python3 benches/compare_pyretechnics.py target/release/island-twin [hours]

1000 x 1000 cells of 30 m, fuel model GR4, 5 m/s from the west, ignition in the middle of the western half; the default
hours burn about 450,000 cells. Rothermel's equations are counted in both, files in neither. Prints the least of three
runs of ours and one of pyretechnics. Needs gdal_create (Debian: gdal-bin).
"""

import json
import os
import subprocess
import sys
import tempfile
import time

CELLS, CELL_M, WIND_MPS = 1000, 30.0, 5.0
WEST, NORTH = 430_000.0, 1_160_000.0
COL, ROW = 250, 500
MOISTURE = {"1h": 5, "10h": 6, "100h": 7, "herb": 60, "woody": 90}


def ours(program, hours):
    with tempfile.TemporaryDirectory() as folder:
        fuel = os.path.join(folder, "fuel.tif")
        corners = [WEST, NORTH, WEST + CELLS * CELL_M, NORTH - CELLS * CELL_M]
        subprocess.run(
            ["gdal_create", "-q", "-ot", "UInt16", "-burn", "104", "-outsize", str(CELLS), str(CELLS)]
            + ["-a_srs", "EPSG:32648", "-a_ullr", *map(str, corners), fuel],
            check=True,
        )
        place = f"{WEST + (COL + 0.5) * CELL_M},{NORTH - (ROW + 0.5) * CELL_M}"
        moisture = ",".join(f"{k}={v}" for k, v in MOISTURE.items())
        command = [program, "simulate", "fire", "--fuel", fuel, "--xy", "--ignite", place, "--hours", str(hours)]
        command += ["--wind", f"{WIND_MPS}@270", "--moisture", moisture, "--threads", "1", "--json"]
        command += ["--out", os.path.join(folder, "out")]
        runs = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(3)]
    best = min(runs, key=lambda run: run["simulation_s"])
    return best["simulation_s"], round(best["burnt_ha"] * 1e4 / CELL_M**2)


def theirs(hours):
    import numpy as np
    import pyretechnics.eulerian_level_set as els
    from pyretechnics.space_time_cube import SpaceTimeCube

    shape = (int(hours) + 2, CELLS, CELLS)
    values = {
        "slope": 0.0,
        "aspect": 0.0,
        "fuel_model": 104,
        "canopy_cover": 0.0,
        "canopy_height": 0.0,
        "canopy_base_height": 0.0,
        "canopy_bulk_density": 0.0,
        "wind_speed_10m": WIND_MPS * 3.6,
        "upwind_direction": 270.0,
        "fuel_moisture_dead_1hr": MOISTURE["1h"] / 100,
        "fuel_moisture_dead_10hr": MOISTURE["10h"] / 100,
        "fuel_moisture_dead_100hr": MOISTURE["100h"] / 100,
        "fuel_moisture_live_herbaceous": MOISTURE["herb"] / 100,
        "fuel_moisture_live_woody": MOISTURE["woody"] / 100,
        "foliar_moisture": 0.9,
        "temperature": 30.0,
        "fuel_spread_adjustment": 1.0,
        "weather_spread_adjustment": 1.0,
    }
    cubes = {name: SpaceTimeCube(shape, value) for name, value in values.items()}
    state = els.SpreadState(shape).ignite_cell((ROW, COL))
    begun = time.perf_counter()
    result = els.spread_fire_with_phi_field(
        cubes, state, (60, CELL_M, CELL_M), 0, hours * 60, surface_lw_ratio_model="behave"
    )
    seconds = time.perf_counter() - begun
    matrices = result["spread_state"].get_full_matrices()
    return seconds, int(np.count_nonzero(matrices["fire_type"]))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    hours = float(sys.argv[2]) if len(sys.argv) > 2 else 21.0
    seconds, cells = ours(sys.argv[1], hours)
    print(f"island-twin   {seconds:8.3f} s  {cells} cells")
    try:
        seconds, cells = theirs(hours)
    except ImportError as missing:
        sys.exit(f"pyretechnics is not here ({missing}): pip install pyretechnics")
    print(f"pyretechnics  {seconds:8.3f} s  {cells} cells")


main()
