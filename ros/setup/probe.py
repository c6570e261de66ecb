"""Sends every word back that it hears, until it is killed. Run by `surepick ros doctor`."""

import sys

import rclpy
from std_msgs.msg import String

rclpy.init()
node = rclpy.create_node("surepick_probe_peer")
back = node.create_publisher(String, sys.argv[1] + "/back", 10)
node.create_subscription(String, sys.argv[1] + "/out", back.publish, 10)
print("ready", flush=True)
rclpy.spin(node)
