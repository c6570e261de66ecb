"""Writes a bag as the driver of a UR5 with a wrist camera makes it, with the Python package rosbags, and prints what is in it.

    python write_ur5_bag.py OPTIONS.json

Options, a list, one a bag: folder; storage sqlite3, mcap; version 8, 9; compression none, file, message, storage; seconds; start_ns; jpegs, paths of
pictures in turn; packages, folder of our message packages; layout rosbags, or humble: sqlite3 with metadata version 5, two
files, no definitions, a write-ahead log that was not folded in. Prints JSON, a list for each bag: one
[topic, type, log_ns, sha256] a message.
"""

import hashlib
import json
import math
import os
import random
import sqlite3
import sys
from pathlib import Path

import numpy
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

# The order in which ur_robot_driver publishes joint states, and that of its controller.
STATE_JOINTS = ["shoulder_lift_joint", "elbow_joint", "wrist_1_joint", "wrist_2_joint", "wrist_3_joint", "shoulder_pan_joint"]
JOINTS = ["shoulder_pan_joint", "shoulder_lift_joint", "elbow_joint", "wrist_1_joint", "wrist_2_joint", "wrist_3_joint"]
URDF = '<robot name="ur5"><link name="base_link"/></robot>'
NONE = QosTime(0, 0)


def qos(durability=QosDurability.VOLATILE):
    return Qos(QosHistory.KEEP_LAST, 1, QosReliability.RELIABLE, durability, NONE, NONE, QosLiveliness.AUTOMATIC, NONE, False)


LATCHED = qos(QosDurability.TRANSIENT_LOCAL)
TOPICS = {
    "/robot_description": ("std_msgs/msg/String", LATCHED),
    "/tf_static": ("tf2_msgs/msg/TFMessage", LATCHED),
    "/joint_states": ("sensor_msgs/msg/JointState", qos()),
    "/scaled_joint_trajectory_controller/controller_state": ("control_msgs/msg/JointTrajectoryControllerState", qos()),
    "/force_torque_sensor_broadcaster/wrench": ("geometry_msgs/msg/WrenchStamped", qos()),
    "/wrist_camera/color/image_raw/compressed": ("sensor_msgs/msg/CompressedImage", qos()),
    "/episode": ("std_msgs/msg/String", qos()),
}


def store_with_ours(packages):
    store = get_typestore(Stores.ROS2_JAZZY)
    for name in ["JointTrajectoryControllerState"]:
        text = (Path(packages) / "control_msgs" / "msg" / f"{name}.msg").read_text()
        store.register(get_types_from_msg(text, f"control_msgs/msg/{name}"))
    return store


def angle(name, t):
    return 0.4 * math.sin(t + JOINTS.index(name)) if name in JOINTS else 0.0


def messages(store, options):
    """Yields (topic, log_ns, message) as they come in: receipt is a little later than the stamp, and not always in order."""
    t = store.types
    rng = random.Random(options.get("seed", 1))
    header_type, time_type = t["std_msgs/msg/Header"], t["builtin_interfaces/msg/Time"]
    start = options["start_ns"]

    def header(ns, frame):
        return header_type(stamp=time_type(sec=ns // 10**9, nanosec=ns % 10**9), frame_id=frame)

    def point(values, rates):
        duration = t["builtin_interfaces/msg/Duration"](sec=0, nanosec=0)
        empty = numpy.array([], dtype=numpy.float64)
        return t["trajectory_msgs/msg/JointTrajectoryPoint"](
            positions=numpy.array(values), velocities=numpy.array(rates), accelerations=empty, effort=empty, time_from_start=duration
        )

    vector, rotation = t["geometry_msgs/msg/Vector3"], t["geometry_msgs/msg/Quaternion"]
    yield "/robot_description", start, t["std_msgs/msg/String"](data=URDF)
    transform = t["geometry_msgs/msg/TransformStamped"](
        header=header(start, "tool0"),
        child_frame_id="wrist_camera",
        transform=t["geometry_msgs/msg/Transform"](translation=vector(x=0.0, y=0.05, z=0.03), rotation=rotation(x=0.0, y=0.0, z=0.0, w=1.0)),
    )
    yield "/tf_static", start, t["tf2_msgs/msg/TFMessage"](transforms=[transform])
    jpegs = [Path(path).read_bytes() for path in options["jpegs"]]
    gap_ns = int(options.get("gap_s", 0) * 1e9)
    ticks = int(options["seconds"] * 100)
    for k in range(ticks):
        ns = start + k * 10_000_000 + (gap_ns if k >= ticks // 2 else 0)
        s = k / 100
        late = ns + rng.randrange(100_000, 900_000)
        if k in (0, ticks // 2):
            yield "/episode", late, t["std_msgs/msg/String"](data=f"episode {k}")
        zeros = numpy.zeros(6)
        yield "/joint_states", late, t["sensor_msgs/msg/JointState"](
            header=header(ns, "base_link"),
            name=STATE_JOINTS,
            position=numpy.array([angle(name, s) for name in STATE_JOINTS]),
            velocity=zeros,
            effort=zeros,
        )
        told = [angle(name, s + 0.02) for name in JOINTS]
        held = [angle(name, s) for name in JOINTS]
        kind = t["control_msgs/msg/JointTrajectoryControllerState"]
        fields = dict(
            header=header(ns, ""),
            joint_names=JOINTS,
            reference=point(told, [0.0] * 6),
            feedback=point(held, [0.0] * 6),
            error=point([a - b for a, b in zip(told, held)], [0.0] * 6),
            output=point([], []),
            speed_scaling_factor=1.0,
        )
        others = {name: [] for name in kind.__dataclass_fields__ if name not in fields and not name.startswith("__")}
        for name in others:
            others[name] = point([], []) if not name.endswith("names") else []
        for name in [name for name in others if "multi_dof" in name and not name.endswith("names")]:
            empty_duration = t["builtin_interfaces/msg/Duration"](sec=0, nanosec=0)
            others[name] = t["trajectory_msgs/msg/MultiDOFJointTrajectoryPoint"](
                transforms=[], velocities=[], accelerations=[], time_from_start=empty_duration
            )
        # Received before the joint state of the same cycle, yet written after it.
        yield "/scaled_joint_trajectory_controller/controller_state", late - 50_000, kind(**fields, **others)
        yield "/force_torque_sensor_broadcaster/wrench", late + 10_000, t["geometry_msgs/msg/WrenchStamped"](
            header=header(ns, "tool0"),
            wrench=t["geometry_msgs/msg/Wrench"](force=vector(x=0.0, y=0.0, z=-9.81 + 0.1 * s), torque=vector(x=0.0, y=0.01, z=0.0)),
        )
        if k % 10 == 0 and jpegs:
            yield "/wrist_camera/color/image_raw/compressed", late + 20_000, t["sensor_msgs/msg/CompressedImage"](
                header=header(ns, "wrist_camera"), format="jpeg", data=numpy.frombuffer(jpegs[k // 10 % len(jpegs)], dtype=numpy.uint8)
            )


def write_with_rosbags(folder, options, store):
    writer = Writer(folder, version=options["version"], storage_plugin=StoragePlugin[options["storage"].upper()])
    mode = CompressionMode[options.get("compression", "none").upper()]
    writer.set_compression(mode, CompressionFormat.ZSTD)
    writer.set_custom_data("operator", "nobody")
    listed = []
    with writer:
        made = {
            topic: writer.add_connection(topic, kind, typestore=store, offered_qos_profiles=[profile])
            for topic, (kind, profile) in TOPICS.items()
        }
        for topic, log_ns, message in messages(store, options):
            data = bytes(store.serialize_cdr(message, TOPICS[topic][0]))
            writer.write(made[topic], log_ns, data)
            listed.append([topic, TOPICS[topic][0], str(log_ns), hashlib.sha256(data).hexdigest()])
    return listed


def write_as_humble(folder, options, store):
    """As rosbag2 of Humble writes: database schema 3, no definitions, QoS as text; cut into two files."""
    folder.mkdir(parents=True)
    name, listed, files, connections = folder.name, [], [], []
    everything = list(messages(store, options))
    half = len(everything) // 2
    profile = "- history: 1\n  depth: 1\n  reliability: 1\n  durability: {}\n  deadline:\n    sec: 0\n    nsec: 0\n  lifespan:\n    sec: 0\n    nsec: 0\n  liveliness: 1\n  liveliness_lease_duration:\n    sec: 0\n    nsec: 0\n  avoid_ros_namespace_conventions: false"
    for part, some in enumerate([everything[:half], everything[half:]]):
        path = folder / f"{name}_{part}.db3"
        files.append(path.name)
        database = sqlite3.connect(path)
        if options.get("write_ahead"):
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA wal_autocheckpoint=0")
        database.executescript(
            "CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL);"
            "CREATE TABLE metadata(id INTEGER PRIMARY KEY, metadata_version INTEGER NOT NULL, metadata TEXT NOT NULL);"
            "CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL,"
            " offered_qos_profiles TEXT NOT NULL);"
            "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL);"
            "CREATE INDEX timestamp_idx ON messages (timestamp ASC);"
            "INSERT INTO schema(schema_version, ros_distro) VALUES (3, 'humble');"
        )
        ids = {topic: number + 1 for number, topic in enumerate(TOPICS)}
        for topic, (kind, qos_of) in TOPICS.items():
            database.execute("INSERT INTO topics VALUES (?, ?, ?, 'cdr', ?)", (ids[topic], topic, kind, profile.format(qos_of.durability.value)))
        for topic, log_ns, message in some:
            data = bytes(store.serialize_cdr(message, TOPICS[topic][0]))
            # DDS fills up to four bytes.
            data += bytes(-len(data) % 4)
            database.execute("INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)", (ids[topic], log_ns, data))
            listed.append([topic, TOPICS[topic][0], str(log_ns), hashlib.sha256(data).hexdigest()])
        database.commit()
        connections.append(database)
    count = {topic: sum(1 for entry in listed if entry[0] == topic) for topic in TOPICS}
    topics = "".join(
        f"    - topic_metadata:\n        name: {topic}\n        type: {kind}\n        serialization_format: cdr\n"
        f"        offered_qos_profiles: {json.dumps(profile.format(qos_of.durability.value))}\n      message_count: {count[topic]}\n"
        for topic, (kind, qos_of) in TOPICS.items()
    )
    start = min(int(entry[2]) for entry in listed)
    (folder / "metadata.yaml").write_text(
        "rosbag2_bagfile_information:\n  version: 5\n  storage_identifier: sqlite3\n  duration:\n    nanoseconds: 1000000000\n"
        f"  starting_time:\n    nanoseconds_since_epoch: {start}\n  message_count: {len(listed)}\n"
        f"  topics_with_message_count:\n{topics}  compression_format: \"\"\n  compression_mode: \"\"\n  relative_file_paths:\n"
        + "".join(f"    - {file}\n" for file in files)
        + "  files:\n"
        + "".join(
            f"    - path: {file}\n      starting_time:\n        nanoseconds_since_epoch: {start}\n"
            f"      duration:\n        nanoseconds: 1\n      message_count: 1\n"
            for file in files
        )
    )
    return listed, connections


def main(options_file):
    bags, connections = [], []
    for options in json.loads(Path(options_file).read_text()):
        folder = Path(options["folder"])
        store = store_with_ours(options["packages"])
        if options.get("layout") == "humble":
            listed, opened = write_as_humble(folder, options, store)
            connections.extend(opened)
        else:
            listed = write_with_rosbags(folder, options, store)
        bags.append(listed)
        if not options.get("write_ahead"):
            for connection in connections:
                connection.close()
            connections = []
    print(json.dumps(bags), flush=True)
    # As a recorder that is killed: what was not folded into the database stays in its write-ahead log.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
