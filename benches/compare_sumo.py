#!/usr/bin/env python3
"""Our microscopic level beside SUMO (pip install eclipse-sumo==1.28): one network, the same vehicles on the same ways.

    cargo build --release --no-default-features
    python3 benches/compare_sumo.py target/release/island-twin [vehicles] [seconds] [grid] [motorbikes]

31 x 31 signalised crossings 200 m apart, two lanes; ways by duarouter. Vehicles depart over 300 s. With a share of
motorbikes SUMO runs its sublane model. Both step by one second, on one thread; ours on two as well. A vehicle update
is a vehicle on the road in one second. Neither takes a vehicle away (--time-to-teleport -1).
"""

import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

import sumo

BIN = os.path.join(sumo.SUMO_HOME, "bin")


def call(tool, *arguments):
    return subprocess.run([os.path.join(BIN, tool), *map(str, arguments)], check=True, capture_output=True, text=True)


def main(program, vehicles, seconds, grid, motorbikes):
    with tempfile.TemporaryDirectory() as folder:
        path = lambda n: os.path.join(folder, n)
        call("netgenerate", "--grid", "--grid.number", grid, "--grid.length", 200, "-L", 2, "-j", "traffic_light",
             "--tls.guess", "--no-turnarounds", "-o", path("g.net.xml"))
        with open(path("g.net.xml")) as f:
            edges = re.findall(r'<edge id="([^:"]+)" from', f.read())
        draw = random.Random(1)
        departs = sorted(draw.uniform(0, 300) for _ in range(vehicles))
        with open(path("trips.xml"), "w") as f:
            f.write('<routes><vType id="car" vClass="passenger"/><vType id="moped" vClass="motorcycle"/>\n')
            for i, depart in enumerate(departs):
                o, d = draw.sample(edges, 2)
                kind = "moped" if draw.random() < motorbikes else "car"
                f.write(f'<trip id="{i}" type="{kind}" depart="{depart:.1f}" from="{o}" to="{d}" departLane="best"/>\n')
            f.write("</routes>\n")
        call("duarouter", "-n", path("g.net.xml"), "-r", path("trips.xml"), "-o", path("r.rou.xml"), "--ignore-errors",
             "--no-warnings")
        for threads in (1, 2):
            command = [program, "traffic", "micro", "--net", path("g.net.xml"), "--trips", path("r.rou.xml"), "--seconds",
                       str(seconds), "--threads", str(threads), "--json", path("s.json")]
            subprocess.run(command, check=True)
            with open(path("s.json")) as f:
                s = json.load(f)
            print(f"island-twin, {threads} threads: {s['vehicle_updates']} updates, {s['wall_seconds']:.2f} s, "
                  f"{s['cpu_seconds']:.2f} CPU s, {s['vehicle_updates'] / s['cpu_seconds'] / 1e6:.2f} M updates a CPU second; "
                  f"inserted {s['inserted']}, arrived {s['arrived']}, removed {s['removed']}, "
                  f"mean speed {s['mean_speed_mps']:.2f} m/s")
        more = ["--lateral-resolution", "0.8"] if motorbikes else []
        used = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        begun = time.perf_counter(), used()
        out = call("sumo", "-n", path("g.net.xml"), "-r", path("r.rou.xml"), "--end", seconds, "--step-length", 1,
                   "--no-step-log", "--no-warnings", "--duration-log.statistics", "--time-to-teleport", -1, *more)
        print(f"SUMO: {time.perf_counter() - begun[0]:.2f} s, {used() - begun[1]:.2f} CPU s, with reading")
        print("\n".join(l for l in out.stdout.splitlines() if re.search("UPS|Inserted|Running|Duration|Speed|Teleports", l)))


if __name__ == "__main__":
    given = sys.argv[2:]
    value = lambda i, plain: type(plain)(given[i]) if len(given) > i else plain
    main(sys.argv[1], value(0, 20_000), value(1, 600), value(2, 31), value(3, 0.0))
