"""Meshes of published robots as Pinocchio and Coal (Assimp, Qhull) have them, as JSON: where their hulls and triangles reach."""

import json
import sys
from pathlib import Path

import cmeel.config
import numpy as np
import pinocchio as pin

SHARE = Path(cmeel.config.__file__).parents[1] / "cmeel.prefix" / "share"
ROBOTS = SHARE / "example-robot-data" / "robots"
FILES = ["panda_description/urdf/panda.urdf", "ur_description/urdf/ur5_robot.urdf"]
SEED, DIRECTIONS = 3, 60


def reach(vertices, directions):
    return (vertices @ directions.T).max(axis=0)


def describe(file, rng):
    urdf = str(ROBOTS / file)
    model = pin.buildModelFromUrdf(urdf)
    q = {}
    position = pin.neutral(model)
    for joint in range(1, model.njoints):
        low, high = model.lowerPositionLimit[model.idx_qs[joint]], model.upperPositionLimit[model.idx_qs[joint]]
        value = rng.uniform(low, high) if "finger" not in model.names[joint] else 0.02
        q[model.names[joint]] = value
        position[model.idx_qs[joint]] = value
    data = model.createData()
    out = {"urdf": urdf, "q": q, "collision": [], "visual": {}}
    directions = rng.normal(size=(DIRECTIONS, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    out["directions"] = directions.tolist()
    for kind in (pin.COLLISION, pin.VISUAL):
        geometry = pin.buildGeomFromUrdf(model, urdf, kind, str(SHARE))
        placed = geometry.createData()
        pin.updateGeometryPlacements(model, data, geometry, placed, position)
        for item, pose in zip(geometry.geometryObjects, placed.oMg):
            link = model.frames[item.parentFrame].name
            shape = item.geometry
            if not hasattr(shape, "vertices"):  # a primitive
                continue
            vertices = np.array(shape.vertices()) * item.meshScale
            world = vertices @ pose.rotation.T + pose.translation
            if kind == pin.VISUAL:
                before = np.array(out["visual"].get(link, np.full(DIRECTIONS, -np.inf)))
                out["visual"][link] = np.maximum(before, reach(world, directions)).tolist()
                continue
            shape.buildConvexHull(True, "Qt")
            hull = shape.convex
            out["collision"].append(
                {
                    "link": link,
                    "mesh": item.meshPath,
                    "reach": reach(world, directions).tolist(),
                    "volume": hull.computeVolume(),
                    "com": np.array(hull.computeCOM()).tolist(),
                    "moments": np.sort(np.linalg.eigvalsh(hull.computeMomentofInertiaRelatedToCOM())).tolist(),
                }
            )
    return out


rng = np.random.default_rng(SEED)
json.dump([describe(file, rng) for file in FILES], open(sys.argv[1], "w"))
