#!/usr/bin/env python3
"""Our equilibrium beside AequilibraE (pip install aequilibrae): the same network, trips and gap, each on two threads.

    cargo build --release --no-default-features
    python3 benches/compare_aequilibrae.py target/release/island-twin FOLDER NAME [toll weight] [distance weight] [gap] [limit]

FOLDER holds NAME_net.tntp and NAME_trips.tntp. Ours solves by Algorithm B, AequilibraE by bi-conjugate Frank-Wolfe; files
are counted in neither. Prints the least of three runs of ours and one of AequilibraE, with both objectives. AequilibraE is
given `limit` seconds on the clock (600); if it is not done by then it is interrupted, and how near it came is told. Its bars of progress
go to the error output.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time


class OutOfTime(Exception):
    pass


def parse(folder, name):
    import numpy as np
    import pandas as pd

    meta, rows = {}, []
    with open(os.path.join(folder, f"{name}_net.tntp")) as file:
        body = False
        for line in file:
            line = line.split("~")[0].strip()
            if line.startswith("<"):
                key, value = line[1:].split(">")
                meta[key] = value.strip()
                body = body or key == "END OF METADATA"
            elif body and line:
                rows.append([float(x) for x in line.replace(";", " ").split()])
    columns = ["a_node", "b_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll", "link_type"]
    net = pd.DataFrame(rows, columns=columns[: len(rows[0])])
    net[["a_node", "b_node"]] = net[["a_node", "b_node"]].astype(int)
    zones = int(meta["NUMBER OF ZONES"])
    trips = np.zeros((zones, zones))
    with open(os.path.join(folder, f"{name}_trips.tntp")) as file:
        origin = None
        for line in file:
            line = line.split("~")[0]
            if line.startswith("<"):
                continue
            if line.strip().startswith("Origin"):
                origin = int(line.split()[1])
                continue
            for pair in line.split(";"):
                if ":" in pair:
                    to, value = pair.split(":")
                    trips[origin - 1, int(to) - 1] += float(value)
    return net, trips, int(meta["FIRST THRU NODE"])


def ours(program, folder, name, toll, distance, gap):
    best = None
    for _ in range(3):
        with tempfile.TemporaryDirectory() as out:
            stats = os.path.join(out, "stats.json")
            command = [program, "traffic", "assign", "--gap", str(gap), "--threads", "2", "--json", stats]
            command += ["--net", os.path.join(folder, f"{name}_net.tntp")]
            command += ["--trips", os.path.join(folder, f"{name}_trips.tntp")]
            command += ["--toll-weight", str(toll), "--distance-weight", str(distance)]
            subprocess.run(command + ["--out", os.path.join(out, "flows.csv")], check=True)
            with open(stats) as file:
                run = json.load(file)
        if best is None or run["solve_seconds"] < best["solve_seconds"]:
            best = run
    return best


def theirs(folder, name, toll, distance, gap, limit):
    import numpy as np
    from aequilibrae.matrix import AequilibraeMatrix
    from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

    net, trips, first_through = parse(folder, name)
    net["link_id"] = np.arange(1, len(net) + 1)
    net["direction"] = 1
    net["fixed"] = toll * net["toll"] + distance * net["length"]
    # AequilibraE refuses a power or a time of nought.
    net["power"] = net["power"].clip(lower=1.0)
    net["free_flow_time"] = net["free_flow_time"].clip(lower=1e-9)
    graph = Graph()
    graph.network = net
    graph.prepare_graph(np.arange(1, trips.shape[0] + 1))
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(first_through > 1)
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=trips.shape[0], matrix_names=["trips"], memory_only=True)
    matrix.index[:] = np.arange(1, trips.shape[0] + 1)
    np.fill_diagonal(trips, 0.0)
    matrix.matrices[:, :, 0] = trips
    matrix.computational_view(["trips"])
    vehicles = TrafficClass("car", graph, matrix)
    if toll or distance:
        vehicles.set_fixed_cost("fixed")
    assignment = TrafficAssignment()
    assignment.set_classes([vehicles])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    assignment.set_algorithm("bfw")
    assignment.set_cores(2)
    assignment.max_iter = 5000
    assignment.rgap_target = gap
    begun = time.perf_counter(), time.process_time()

    def interrupt(*_):
        raise OutOfTime

    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        assignment.execute()
        signal.setitimer(signal.ITIMER_REAL, 0)
        done = True
    except OutOfTime:
        done = False
    seconds, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
    solver = assignment.assignment
    how = f"{seconds:.4f} s, {cpu:.2f} CPU s, gap {float(solver.rgap):.2e} after {solver.iter} iterations"
    if not done:
        return f"{how}, interrupted"
    volume = assignment.results()["PCE_AB"].reindex(net["link_id"]).fillna(0.0).to_numpy()
    ratio = volume / net["capacity"]
    curve = net["free_flow_time"] * volume * (1 + net["b"] * ratio ** net["power"] / (net["power"] + 1))
    return f"{how}, objective {float((curve + net['fixed'] * volume).sum()):.6f}"


def main():
    program, folder, name = sys.argv[1:4]
    given = sys.argv[4:8] + ["0", "0", "1e-6", "600"][len(sys.argv) - 4 :]
    toll, distance, gap, limit = (float(x) for x in given)
    run = ours(program, folder, name, toll, distance, gap)
    print(f"ours        {run['solve_seconds']:.4f} s, gap {run['relative_gap']:.2e}, objective {run['beckmann_objective']:.6f}", flush=True)
    print(f"AequilibraE {theirs(folder, name, toll, distance, gap, limit)}")


if __name__ == "__main__":
    main()
