"""Random URDF trees of every kind of joint, with oblique axes, fixed links, mimic joints and shuffled order."""
import math


def random_tree(rng, name):
    """Text of a URDF, and the link that was added last."""
    bodies = rng.randint(5, 10)
    links, joints, free = [], [], []

    def triple(scale):
        return " ".join(repr(rng.uniform(-scale, scale)) for _ in range(3))

    def inertial():
        # three point masses make a physical tensor
        points = [(rng.uniform(0.1, 1), [rng.uniform(-0.1, 0.1) for _ in range(3)]) for _ in range(4)]
        mass = sum(m for m, _ in points)
        centre = [sum(m * p[k] for m, p in points) / mass for k in range(3)]
        tensor = [[0.0] * 3 for _ in range(3)]
        for m, p in points:
            d = [p[k] - centre[k] for k in range(3)]
            for i in range(3):
                for j in range(3):
                    tensor[i][j] += m * ((sum(x * x for x in d) if i == j else 0) - d[i] * d[j])
        t = tensor
        return (
            f'<inertial><origin xyz="{triple(0.1)}" rpy="{triple(math.pi)}"/><mass value="{mass!r}"/>'
            f'<inertia ixx="{t[0][0]!r}" ixy="{t[0][1]!r}" ixz="{t[0][2]!r}" iyy="{t[1][1]!r}" iyz="{t[1][2]!r}" '
            f'izz="{t[2][2]!r}"/></inertial>'
        )

    links.append("link_0")
    for i in range(1, bodies + 1):
        kind = rng.choice(["revolute", "revolute", "continuous", "prismatic", "fixed"]) if i > 2 else "revolute"
        parent = f"link_{rng.randint(max(0, i - 3), i - 1)}"
        parts = [
            f'<origin xyz="{triple(0.4)}" rpy="{triple(math.pi)}"/>',
            f'<parent link="{parent}"/>',
            f'<child link="link_{i}"/>',
        ]
        if kind != "fixed":
            axis = rng.choice(["1 0 0", "0 1 0", "0 0 1", "0 0 -1", triple(1)])
            parts.append(f'<axis xyz="{axis}"/>')
            if kind != "continuous":
                reach = 2.5 if kind == "revolute" else 0.3
                parts.append(f'<limit lower="{-reach}" upper="{reach}" velocity="2" effort="50"/>')
            if i > 3 and kind != "continuous" and rng.random() < 0.4:
                leader = rng.choice(free)
                parts.append(
                    f'<mimic joint="{leader}" multiplier="{rng.uniform(-1.5, 1.5)!r}" offset="{rng.uniform(-0.2, 0.2)!r}"/>'
                )
            elif kind != "continuous":
                free.append(f"joint_{i}")
        joints.append(f'<joint name="joint_{i}" type="{kind}">{"".join(parts)}</joint>')
        links.append(f"link_{i}")
    rng.shuffle(joints)
    body = "\n".join([f'  <link name="{n}">{inertial()}</link>' for n in links] + [f"  {j}" for j in joints])
    return f'<?xml version="1.0"?>\n<robot name="{name}">\n{body}\n</robot>\n', links[-1]
