"""Merkle root (RFC 9162) of a dataset's folder, from its files alone: python merkle_root.py FOLDER."""

import hashlib
import json
import os
import sys


def root(hashes):
    if len(hashes) == 0:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + root(hashes[:split]) + root(hashes[split:])).digest()


def leaf(folder, path):
    with open(os.path.join(folder, path), "rb") as file:
        content = file.read()
    facts = {"bytes": len(content), "path": path, "sha256": hashlib.sha256(content).hexdigest()}
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\x00" + text.encode()).digest()


folder = sys.argv[1]
paths = [
    os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/")
    for where, _, names in os.walk(folder)
    for name in names
]
inside = [path for path in paths if path != "merkle.json" and not path.startswith("signatures/")]
print(root([leaf(folder, path) for path in sorted(inside, key=str.encode)]).hex())
