"""Solutions of many small quadratic programs by quadprog (Goldfarb and Idnani's method in C).

quadprog_oracle.py PROGRAMS OUT
    PROGRAMS: doubles; of every program n, m, then weight, wanted, lower, upper (n each), m rows of n, m bounds.
    OUT: doubles; of every program 1 and its n variables, or 0 and n zeros if its constraints are inconsistent, or -1 and
    n zeros where quadprog goes round in circles: it has no limit of its own, so it runs in a process that is ended.
"""

import multiprocessing
import sys
import time

import numpy as np
import quadprog

SILENT_S = 3


def solve(weight, wanted, lower, upper, rows, bounds):
    eye = np.eye(len(weight))
    low, high = np.isfinite(lower), np.isfinite(upper)
    normals = np.ascontiguousarray(np.vstack([rows, eye[low], -eye[high]]).T)
    least = np.concatenate([bounds, lower[low], -upper[high]])
    if least.size == 0:
        return wanted
    return quadprog.solve_qp(np.diag(weight), weight * wanted, normals, least)[0]


def read(data):
    programs, at = [], 0
    while at < len(data):
        n, m = int(data[at]), int(data[at + 1])
        vectors = data[at + 2 : at + 2 + 4 * n].reshape(4, n)
        at += 2 + 4 * n
        rows = data[at : at + m * n].reshape(m, n)
        bounds = data[at + m * n : at + m * n + m]
        at += m * n + m
        programs.append((*vectors, rows, bounds))
    return programs


def work(programs, places, first, out, done):
    results = np.frombuffer(out)
    for k in range(first, len(programs)):
        place = places[k]
        try:
            x = solve(*programs[k])
            results[place] = 1
            results[place + 1 : place + 1 + len(x)] = x
        except ValueError:
            results[place] = 0
        done.value = k + 1


def main():
    programs = read(np.fromfile(sys.argv[1]))
    sizes = [1 + len(program[1]) for program in programs]
    places = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    fork = multiprocessing.get_context("fork")
    out = fork.RawArray("d", int(places[-1]))
    done = fork.RawValue("q", 0)
    while done.value < len(programs):
        worker = fork.Process(target=work, args=(programs, places, done.value, out, done))
        worker.start()
        seen, since = done.value, time.monotonic()
        while worker.is_alive():
            worker.join(0.05)
            if done.value != seen:
                seen, since = done.value, time.monotonic()
            elif time.monotonic() - since > SILENT_S:
                worker.kill()
                worker.join()
        if done.value < len(programs):
            out[int(places[done.value])] = -1
            done.value += 1
    np.frombuffer(out).tofile(sys.argv[2])


main()
