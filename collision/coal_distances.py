"""Signed distances by Coal, for distance_query.long.test.ts.

coal_distances.py shapes IN.json OUT.json
    IN: [[a, b]], a body being {type, size | radius, length | vertices, pose: rotation row-major 9 and position 3}.
    OUT: [distance]
coal_distances.py robot IN.json OUT.json
    IN: {urdf, srdf, package_dir, problems, states: [{problem, q}]}. The robot's meshes are taken as their hulls.
    OUT: [{obstacles: {link: distance}, self: distance}]
"""

import json
import pathlib
import sys

import coal
import numpy as np
import pinocchio as pin

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "bench"))
from planning_scene import Robot, Scene  # noqa: E402

REQUEST = coal.DistanceRequest()
REQUEST.enable_signed_distance = True


def shape_of(body):
    kind = body["type"]
    if kind == "box":
        return coal.Box(*body["size"])
    if kind == "cylinder":
        return coal.Cylinder(body["radius"], body["length"])
    if kind == "sphere":
        return coal.Sphere(body["radius"])
    points = coal.StdVec_Vec3s()
    for vertex in np.array(body["vertices"]).reshape(-1, 3):
        points.append(vertex)
    return coal.Convex.convexHull(points, False, "Qt")


def placed(body):
    pose = np.array(body["pose"])
    return coal.Transform3s(pose[:9].reshape(3, 3), pose[9:])


def of_shapes(pairs):
    out = []
    for a, b in pairs:
        result = coal.DistanceResult()
        out.append(coal.distance(shape_of(a), placed(a), shape_of(b), placed(b), REQUEST, result))
    return out


def of_robot(task):
    robot = Robot(task["urdf"], task["package_dir"], task["srdf"], task["problems"]["joints"], hulls=True)
    scenes = {}
    out = []
    for state in task["states"]:
        k = state["problem"]
        if k not in scenes:
            scenes[k] = Scene(robot, task["problems"]["problems"][k])
        scene = scenes[k]
        scene.q[robot.index] = state["q"]
        pin.updateGeometryPlacements(scene.model, scene.data, scene.geometry, scene.placed, scene.q)
        links, own = {}, np.inf
        for pair in scene.geometry.collisionPairs:
            a, b = (scene.geometry.geometryObjects[i] for i in (pair.first, pair.second))
            A, B = (scene.placed.oMg[i] for i in (pair.first, pair.second))
            result = coal.DistanceResult()
            d = coal.distance(
                a.geometry, coal.Transform3s(A.rotation, A.translation),
                b.geometry, coal.Transform3s(B.rotation, B.translation), REQUEST, result,
            )
            if b.name.startswith("obstacle"):
                link = robot.link_of(a)
                links[link] = min(links.get(link, np.inf), d)
            else:
                own = min(own, d)
        out.append({"obstacles": links, "self": own})
    return out


mode, given, answer = sys.argv[1:4]
with open(given) as file:
    task = json.load(file)
with open(answer, "w") as file:
    json.dump(of_shapes(task) if mode == "shapes" else of_robot(task), file)
