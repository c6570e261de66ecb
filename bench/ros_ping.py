"""One end of the round trip of ros_ping.ts with rclpy: `ping COUNT` or `pong`."""

import json
import sys
import threading
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import JointState

NAMES = [f"panda_joint{joint + 1}" for joint in range(7)]
role = sys.argv[1]
rclpy.init()
node = rclpy.create_node(f"rclpy_{role}")
out, back = ("ping", "pong") if role == "ping" else ("pong", "ping")
publisher = node.create_publisher(JointState, out, 10)


def send(sequence):
    message = JointState()
    message.header.stamp = node.get_clock().now().to_msg()
    message.name = NAMES
    message.position = [float(sequence)] + [0.1 * joint for joint in range(1, 7)]
    message.velocity = [0.0] * 7
    message.effort = [0.0] * 7
    publisher.publish(message)


executor = SingleThreadedExecutor()
executor.add_node(node)
if role == "pong":
    node.create_subscription(JointState, back, lambda message: send(message.position[0]), 10)
    print("ready", flush=True)

    def wait():
        sys.stdin.read()
        executor.shutdown(timeout_sec=0)

    threading.Thread(target=wait, daemon=True).start()
    executor.spin()
else:
    returned = [-1.0]
    node.create_subscription(JointState, back, lambda message: returned.__setitem__(0, message.position[0]), 10)
    while publisher.get_subscription_count() == 0:
        time.sleep(0.02)
    times_us = []
    for n in range(1, int(sys.argv[2]) + 1):
        started = time.perf_counter()
        for _ in range(100):
            send(n)
            sent = time.perf_counter()
            while returned[0] != n and time.perf_counter() - sent < 0.5:
                executor.spin_once(timeout_sec=0.5)
            if returned[0] == n:
                break
        times_us.append(1e6 * (time.perf_counter() - started))
    print(json.dumps(times_us), flush=True)
node.destroy_node()
rclpy.try_shutdown()
