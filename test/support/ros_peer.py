"""A ROS 2 node by rclpy that does what JSON lines on stdin ask for and answers each with one JSON line."""

import array
import importlib
import json
import math
import sys
import threading

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy


def load(name):
    package, kind, type_name = name.split("/")
    return getattr(importlib.import_module(f"{package}.{kind}"), type_name)


def fill(message, fields):
    for key, value in fields.items():
        setattr(message, key, converted(message, key, value))
    return message


def converted(message, key, value):
    current = getattr(message, key)
    kind = message.get_fields_and_field_types()[key]
    if isinstance(value, dict):
        return fill(current, value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        package, name = kind.replace("sequence<", "").split(">")[0].split(",")[0].split("[")[0].split("/")
        inner = load(f"{package}/msg/{name}")
        return [fill(inner(), each) for each in value]
    if isinstance(value, list) and "octet" in kind:
        return [bytes([each]) for each in value]
    if isinstance(value, list) and ("double" in kind or "float" in kind):
        return [float(each) for each in value]
    if isinstance(current, float):
        return float(value)
    if isinstance(current, int) and not isinstance(current, bool):
        return int(value)
    return value


def plain(value):
    if hasattr(value, "get_fields_and_field_types"):
        return {key: plain(getattr(value, key)) for key in value.get_fields_and_field_types()}
    if isinstance(value, (list, tuple, array.array)) or type(value).__name__ == "ndarray":
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return value[0]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if type(value).__module__ == "numpy":
        return value.item()
    return value


def quality(profile):
    return QoSProfile(
        depth=profile.get("depth", 100),
        reliability=ReliabilityPolicy[profile.get("reliability", "reliable").upper()],
        durability=DurabilityPolicy[profile.get("durability", "volatile").upper()],
    )


def endpoint(info):
    return {
        "node": f"{info.node_namespace.rstrip('/')}/{info.node_name}",
        "type": info.topic_type,
        "reliability": info.qos_profile.reliability.name.lower(),
        "durability": info.qos_profile.durability.name.lower(),
    }


class Peer:
    def __init__(self):
        self.node = rclpy.create_node("peer")
        self.oracle = None
        self.clients = {}
        self.begun = {}
        self.heard = {}
        self.subscriptions = {}
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.thread = threading.Thread(target=self.spin)
        self.thread.start()

    def spin(self):
        try:
            self.executor.spin()
        except ExternalShutdownException:
            pass

    def call(self, type, name, request, timeout_s=10.0):
        return self.wait(name, self.send(type, name, request, timeout_s), timeout_s)

    def begin(self, type, name, request, timeout_s=10.0):
        self.begun[name] = self.send(type, name, request, timeout_s)
        return {}

    def finish(self, name, timeout_s=10.0):
        return self.wait(name, self.begun.pop(name), timeout_s)

    def send(self, type, name, request, timeout_s):
        service = load(type)
        client = self.clients.get(name)
        if client is None:
            client = self.clients[name] = self.node.create_client(service, name)
        if not client.wait_for_service(timeout_s):
            raise TimeoutError(f"no server of {name}")
        done = threading.Event()
        future = client.call_async(fill(service.Request(), request))
        future.add_done_callback(lambda _: done.set())
        return future, done

    def wait(self, name, sent, timeout_s):
        future, done = sent
        if not done.wait(timeout_s):
            raise TimeoutError(f"no answer of {name}")
        return plain(future.result())

    def subscribe(self, type, name, qos={}):
        heard = self.heard.setdefault(name, [])
        handler = lambda message: heard.append(plain(message))  # noqa: E731
        self.subscriptions[name] = self.node.create_subscription(load(type), name, handler, quality(qos))
        return {}

    def matched(self, name):
        return {"publishers": self.subscriptions[name].get_publisher_count()}

    def take(self, name):
        heard = self.heard[name]
        messages = heard[:]
        del heard[: len(messages)]
        return {"messages": messages}

    def publish(self, type, name, message, qos={}):
        kind = load(type)
        publisher = self.clients.get(("publisher", name))
        if publisher is None:
            publisher = self.clients[("publisher", name)] = self.node.create_publisher(kind, name, quality(qos))
        publisher.publish(fill(kind(), message))
        return {"subscriptions": publisher.get_subscription_count()}

    def endpoints(self, name):
        return {
            "publishers": [endpoint(info) for info in self.node.get_publishers_info_by_topic(name)],
            "subscriptions": [endpoint(info) for info in self.node.get_subscriptions_info_by_topic(name)],
        }

    def graph(self):
        return {
            "nodes": [f"{ns.rstrip('/')}/{name}" for name, ns in self.node.get_node_names_and_namespaces()],
            "topics": dict(self.node.get_topic_names_and_types()),
            "services": dict(self.node.get_service_names_and_types()),
        }

    def start_oracle(self, name, parameters):
        self.oracle = LifecycleNode(name)
        for key, value in parameters.items():
            self.oracle.declare_parameter(key, value)
        self.executor.add_node(self.oracle)
        return {}


def main():
    rclpy.init()
    peer = Peer()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(peer, request["op"])(**request["args"])
        except Exception as error:  # noqa: BLE001
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    rclpy.shutdown()
    peer.thread.join()


main()
