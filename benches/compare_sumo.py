#!/usr/bin/env python3
"""Our traffic beside SUMO (pip install eclipse-sumo==1.28): one network, the same vehicles on the same ways.

    cargo build --release --no-default-features
    python3 benches/compare_sumo.py target/release/island-twin [vehicles] [seconds] [grid] [motorbikes] [limit] [level]

31 x 31 signalised crossings 200 m apart, two lanes; ways by duarouter. Vehicles depart over 300 s. Vehicle by vehicle
(`micro`, the default) both step by one second, SUMO on one thread, ours on one and two; with a share of motorbikes SUMO
runs its sublane model. A vehicle update is a vehicle on the road in one second. With `meso` both drive vehicle by
vehicle through queues, SUMO's mesoscopic model beside ours. Neither takes a vehicle away (--time-to-teleport -1).

SUMO is given `limit` seconds on the clock (600). If it is not done by then it is interrupted, and what it did until then
is told: how far it came, and its updates and processor time.
"""

import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

import sumo

BIN = os.path.join(sumo.SUMO_HOME, "bin")


def call(tool, *arguments):
    subprocess.run([os.path.join(BIN, tool), *map(str, arguments)], check=True, capture_output=True, text=True)


def write_case(path, vehicles, grid, motorbikes):
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


def ours(program, path, level, seconds, threads):
    command = [program, "traffic", level, "--net", path("g.net.xml"), "--trips", path("r.rou.xml"), "--seconds",
               str(seconds), "--threads", str(threads), "--json", path("s.json")]
    subprocess.run(command, check=True)
    with open(path("s.json")) as f:
        s = json.load(f)
    updates = s["vehicle_updates"]
    what = "updates" if level == "micro" else "links entered"
    cpu = max(s["cpu_seconds"], 1e-9)
    print(f"island-twin, {threads} threads: {updates} {what}, {s['wall_seconds']:.2f} s, {cpu:.2f} CPU s, "
          f"{updates / cpu / 1e6:.2f} M {what} a CPU second")
    keep = ("vehicle_seconds", "inserted", "arrived", "removed", "on_the_way", "waiting", "mean_speed_mps")
    print("   " + ", ".join(f"{k} {s[k]:.6g}" for k in keep if k in s), flush=True)
    return s


def theirs(path, seconds, limit, more):
    """Runs SUMO to the end or for `limit` seconds; prints what its summary, written step by step, tells."""
    used = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    begun = time.perf_counter(), used()
    command = [os.path.join(BIN, "sumo"), "-n", path("g.net.xml"), "-r", path("r.rou.xml"), "--end", str(seconds),
               "--step-length", "1", "--no-step-log", "--no-warnings", "--duration-log.statistics",
               "--time-to-teleport", "-1", "--summary-output", path("summary.xml"), *more]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ended = "the whole of it"
    try:
        out, _ = run.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        ended = f"interrupted after {limit:.0f} s"
        run.send_signal(signal.SIGINT)
        try:
            out, _ = run.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            run.kill()
            out, _ = run.communicate()
    wall, cpu = time.perf_counter() - begun[0], used() - begun[1]
    with open(path("summary.xml")) as f:
        steps = re.findall(r'<step time="([\d.]+)".*?inserted="(\d+)" running="(\d+)".*?ended="(\d+)"', f.read())
    updates = sum(int(s[2]) for s in steps)
    last = steps[-1] if steps else ("0", 0, 0, 0)
    print(f"SUMO ({ended}): {float(last[0]):.0f} of {seconds} s simulated, {updates} updates, {wall:.2f} s, {cpu:.2f} CPU s "
          f"with reading, {updates / cpu / 1e6:.3f} M updates a CPU second")
    print(f"   inserted {last[1]}, arrived {last[3]}, on the way {last[2]}")
    print("\n".join("   " + l.strip() for l in out.splitlines() if re.search("UPS|Duration|Speed|Teleports|Error", l)))


def main(program, vehicles, seconds, grid, motorbikes, limit, level):
    with tempfile.TemporaryDirectory() as folder:
        path = lambda n: os.path.join(folder, n)
        write_case(path, vehicles, grid, motorbikes)
        for threads in (1, 2):
            ours(program, path, level, seconds, threads)
        if level == "meso":
            # Signals and full junctions count in its queues as well.
            more = ["--mesosim", "--meso-junction-control"]
        else:
            more = ["--lateral-resolution", "0.8"] if motorbikes else []
        theirs(path, seconds, limit, more)


if __name__ == "__main__":
    given = sys.argv[2:]
    value = lambda i, plain: type(plain)(given[i]) if len(given) > i else plain
    main(sys.argv[1], value(0, 20_000), value(1, 600), value(2, 31), value(3, 0.0), value(4, 600.0), value(5, "micro"))
