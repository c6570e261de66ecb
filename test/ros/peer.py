"""Sends goals and requests to ros_peer_program.ts and prints what came back, one JSON object."""

import json
import time

import rclpy
from action_msgs.srv import CancelGoal
from control_msgs.action import FollowJointTrajectory
from rclpy.action import ActionClient
from std_srvs.srv import Trigger
from surepick_msgs.srv import SetSpeed
from trajectory_msgs.msg import JointTrajectoryPoint

rclpy.init()
node = rclpy.create_node("peer")
client = ActionClient(node, FollowJointTrajectory, "/arm_controller/follow_joint_trajectory")
out = {"server": client.wait_for_server(timeout_sec=20.0)}


def wait(future, timeout_s=20.0):
    rclpy.spin_until_future_complete(node, future, timeout_sec=timeout_s)
    assert future.done(), "no answer"
    return future.result()


def goal_of(position, seconds, names=("a",)):
    goal = FollowJointTrajectory.Goal()
    goal.trajectory.joint_names = list(names)
    for time_s, value in ((0.0, 0.0), (seconds, position)):
        point = JointTrajectoryPoint()
        point.positions = [value]
        point.time_from_start.sec = int(time_s)
        point.time_from_start.nanosec = int(1e9 * (time_s % 1))
        goal.trajectory.points.append(point)
    return goal


def send(goal):
    times = []
    future = client.send_goal_async(goal, feedback_callback=lambda message: times.append(message.feedback))
    return wait(future), times


def ending(handle):
    answer = wait(handle.get_result_async())
    return [answer.status, answer.result.error_code, answer.result.error_string]


handle, feedback = send(goal_of(1.0, 0.4))
out["executed"] = [handle.accepted, *ending(handle)]
out["feedback"] = len(feedback)
handle, _ = send(goal_of(1.0, 30.0))
time.sleep(0.2)
answer = wait(handle.cancel_goal_async())
out["cancelled"] = [answer.return_code == CancelGoal.Response.ERROR_NONE, len(answer.goals_canceling), *ending(handle)]
first, _ = send(goal_of(1.0, 30.0))
second, _ = send(goal_of(1.0, 0.1))
out["replaced"] = [ending(first), ending(second)]
handle, _ = send(goal_of(4.0, 1.0))
out["out_of_limits"] = [handle.accepted, *ending(handle)]
handle, _ = send(goal_of(1.0, 1.0, names=("a", "b")))
out["malformed"] = handle.accepted
handle, _ = send(goal_of(float("nan"), 1.0))
out["not_finite"] = handle.accepted
handle, _ = send(goal_of(1.0, 0.1))
out["again"] = [handle.accepted, *ending(handle)]


def call(kind, name, request):
    service = node.create_client(kind, name)
    assert service.wait_for_service(timeout_sec=20.0)
    response = wait(service.call_async(request))
    return [response.success, response.message]


out["speed"] = call(SetSpeed, "/arm_controller/set_speed", SetSpeed.Request(speed=0.5))
out["wrong_speed"] = call(SetSpeed, "/arm_controller/set_speed", SetSpeed.Request(speed=2.0))
out["stop"] = call(Trigger, "/safety/stop", Trigger.Request())
print(json.dumps(out), flush=True)
node.destroy_node()
rclpy.try_shutdown()
