"""Solutions of many small quadratic programs by quadprog (Goldfarb and Idnani's method in C).

quadprog_oracle.py PROGRAMS OUT
    PROGRAMS: doubles; of every program n, m, then weight, wanted, lower, upper (n each), m rows of n, m bounds.
    OUT: doubles; of every program 1 and its n variables, or 0 and n zeros if its constraints are inconsistent.
"""

import sys

import numpy as np
import quadprog


def solve(weight, wanted, lower, upper, rows, bounds):
    eye = np.eye(len(weight))
    low, high = np.isfinite(lower), np.isfinite(upper)
    normals = np.ascontiguousarray(np.vstack([rows, eye[low], -eye[high]]).T)
    least = np.concatenate([bounds, lower[low], -upper[high]])
    if least.size == 0:
        return wanted
    return quadprog.solve_qp(np.diag(weight), weight * wanted, normals, least)[0]


def main():
    data = np.fromfile(sys.argv[1])
    out = []
    at = 0
    while at < len(data):
        n, m = int(data[at]), int(data[at + 1])
        at += 2
        vectors = data[at : at + 4 * n].reshape(4, n)
        at += 4 * n
        rows = data[at : at + m * n].reshape(m, n)
        at += m * n
        bounds = data[at : at + m]
        at += m
        try:
            out.append(np.concatenate([[1.0], solve(*vectors, rows, bounds)]))
        except ValueError:
            out.append(np.zeros(n + 1))
    np.concatenate(out).tofile(sys.argv[2])


main()
