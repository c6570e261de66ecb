"""Runs policies of policy_peer_program.ts by their action and prints what came back, one JSON object."""

import json
import sys

import rclpy
from rclpy.action import ActionClient
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from surepick_msgs.action import RunPolicy
from surepick_msgs.msg import OfferedPolicies, PolicyRun

object_class, object_colour, *target = sys.argv[1:]
rclpy.init()
node = rclpy.create_node("peer")
client = ActionClient(node, RunPolicy, "/policy/run")
latched = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
offered, progress, feedback = [], [], []
node.create_subscription(OfferedPolicies, "/policy/offered", offered.append, latched)
node.create_subscription(PolicyRun, "/policy/progress", progress.append, 10)
out = {"server": client.wait_for_server(timeout_sec=20.0)}


def until(done, timeout_s=20.0):
    deadline = node.get_clock().now().nanoseconds + timeout_s * 1e9
    while not done():
        assert node.get_clock().now().nanoseconds < deadline, "it did not come"
        rclpy.spin_once(node, timeout_sec=0.05)


def send(model_sha256):
    goal = RunPolicy.Goal(model_sha256=model_sha256, object_class=object_class, object_colour=object_colour)
    goal.target.x, goal.target.y, goal.target.z = map(float, target)
    future = client.send_goal_async(goal, feedback_callback=lambda message: feedback.append(message.feedback))
    until(future.done)
    return future.result()


def ending(handle):
    future = handle.get_result_async()
    until(future.done)
    answer = future.result()
    return [answer.status, answer.result.success, answer.result.stage, answer.result.reason]


until(lambda: len(offered) > 0)
policy = offered[-1].policies[0]
out["offered"] = [policy.name, policy.task, policy.rate_hz, policy.told, policy.ask_below]
out["unknown"] = ending(send("f" * 64))
out["malformed"] = send("none").accepted
handle = send(policy.model_sha256)
until(lambda: any(one.phase == "running" for one in feedback) and len(progress) > 0)
out["running"] = [feedback[-1].phase, feedback[-1].confidence, progress[-1].policy, progress[-1].model_sha256]
out["second"] = ending(send(policy.model_sha256))
until(handle.cancel_goal_async().done)
out["cancelled"] = ending(handle)
until(lambda: progress[-1].phase == "ended")
print(json.dumps(out), flush=True)
node.destroy_node()
