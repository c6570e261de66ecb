"""Planning problems in Pinocchio and Coal: a robot of a URDF among a problem's obstacles, checked for contact."""

import coal
import numpy as np
import pinocchio as pin

FINGER_M = 0.04


class Robot:
    """A URDF arm whose joints outside the problems' list (fingers) are held still.

    srdf: pairs of links that it disables are not checked. hulls: collision meshes become their convex hulls.
    """

    def __init__(self, urdf, package_dir, srdf=None, joints=None, hulls=False):
        self.model = pin.buildModelFromUrdf(urdf)
        self.geometry = pin.buildGeomFromUrdf(self.model, urdf, pin.COLLISION, package_dirs=[package_dir])
        if hulls:
            for item in self.geometry.geometryObjects:
                if hasattr(item.geometry, "buildConvexHull"):
                    item.geometry.buildConvexHull(True, "Qt")
                    item.geometry = item.geometry.convex
        self.geometry.addAllCollisionPairs()
        if srdf:
            pin.removeCollisionPairs(self.model, self.geometry, srdf)
        names = joints or [name for name in self.model.names[1:] if "finger" not in name]
        self.index = np.array([self.model.idx_qs[self.model.getJointId(name)] for name in names])
        self.lower = self.model.lowerPositionLimit[self.index]
        self.upper = self.model.upperPositionLimit[self.index]
        self.q = pin.neutral(self.model)
        for joint, name in enumerate(self.model.names):
            if "finger" in name:
                self.q[self.model.idx_qs[joint]] = FINGER_M

    def link_of(self, item):
        return self.model.frames[item.parentFrame].name


class Scene:
    """One robot among the obstacles of one problem."""

    def __init__(self, robot, problem):
        self.robot = robot
        self.model = robot.model
        self.geometry = robot.geometry.copy()
        allowed = {(link, name) for link, name in problem.get("allowed_contacts", [])}
        own = list(range(self.geometry.ngeoms))
        for number, obstacle in enumerate(problem["obstacles"]):
            pose = pin.XYZQUATToSE3(np.array([*obstacle["position"], *obstacle["orientation"]]))
            item = pin.GeometryObject(f"obstacle {number} {obstacle['id']}", 0, 0, pose, shape_of(obstacle))
            index = self.geometry.addGeometryObject(item)
            for part in own:
                if (robot.link_of(self.geometry.geometryObjects[part]), obstacle["id"]) not in allowed:
                    self.geometry.addCollisionPair(pin.CollisionPair(part, index))
        self.data = self.model.createData()
        self.placed = self.geometry.createData()
        self.q = robot.q.copy()
        self.checks = 0

    def collides(self, q):
        """True if the arm joints q bring any checked pair into contact."""
        self.checks += 1
        self.q[self.robot.index] = q
        return pin.computeCollisions(self.model, self.data, self.geometry, self.placed, self.q, True)

    def contact(self, q):
        """Names of the first pair in contact at q, or None."""
        if not self.collides(q):
            return None
        for pair, result in zip(self.geometry.collisionPairs, self.placed.collisionResults):
            if result.isCollision():
                a, b = (self.geometry.geometryObjects[i] for i in (pair.first, pair.second))
                return [self.robot.link_of(a), b.name if b.name.startswith("obstacle") else self.robot.link_of(b)]
        return ["?", "?"]


def shape_of(obstacle):
    kind = obstacle["type"]
    if kind == "box":
        return coal.Box(*obstacle["size"])
    if kind == "cylinder":
        return coal.Cylinder(obstacle["radius"], obstacle["length"])
    if kind == "sphere":
        return coal.Sphere(obstacle["radius"])
    raise ValueError(f"obstacle type {kind}: box, cylinder or sphere")
