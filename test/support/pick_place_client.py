"""Asks a launched cell for a pick, as a user of ROS 2 would: rclpy only, one JSON line for each thing that happens.

Arguments: namespace (or ''), class and colour of the object, x y z of the target (m, frame world), attempts.
A stop that is there before a goal is reset first, as an operator would at a simulated cell, and the world after a failure.
"""
import json
import sys
import time

import rclpy
from rclpy.action import ActionClient
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from simulation_interfaces.srv import ResetSimulation
from std_srvs.srv import Trigger
from surepick_msgs.action import PickPlace
from surepick_msgs.msg import SafetyState

WAIT_S = 60.0


def say(**fields):
    print(json.dumps(fields), flush=True)


def main():
    namespace, kind, colour, x, y, z, attempts = sys.argv[1:8]
    rclpy.init()
    node = rclpy.create_node('pick_place_client', namespace=namespace)
    state = [None]
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL, reliability=ReliabilityPolicy.RELIABLE)

    def keep(message):
        state[0] = message

    node.create_subscription(SafetyState, 'safety/state', keep, latched)
    reset = node.create_client(Trigger, 'safety/reset')
    world = node.create_client(ResetSimulation, 'reset_simulation')
    client = ActionClient(node, PickPlace, 'pick_place')

    def until(condition, seconds=WAIT_S):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            rclpy.spin_once(node, timeout_sec=0.05)
        return condition()

    if not until(lambda: state[0] is not None and client.server_is_ready() and reset.service_is_ready()):
        say(kind='absent', state=state[0] is not None, action=client.server_is_ready())
        return 1

    for attempt in range(int(attempts)):
        if attempt > 0:
            # What was tried before may have moved things, and left the arm in the camera's way.
            answer = world.call_async(ResetSimulation.Request())
            until(answer.done, 20)
            said = answer.result().result if answer.done() else None
            say(kind='world reset', code=-1 if said is None else said.result, message='' if said is None else said.error_message)
        end = time.monotonic() + WAIT_S
        while state[0].mode != SafetyState.MODE_AUTOMATIC and time.monotonic() < end:
            answer = reset.call_async(Trigger.Request())
            until(answer.done, 5)
            until(lambda: state[0].mode == SafetyState.MODE_AUTOMATIC, 0.3)
        goal = PickPlace.Goal()
        goal.object_class, goal.object_colour = kind, colour
        goal.target.x, goal.target.y, goal.target.z = float(x), float(y), float(z)
        sent = client.send_goal_async(
            goal, feedback_callback=lambda m: say(kind='feedback', stage=m.feedback.stage, attempt=m.feedback.attempt)
        )
        if not until(sent.done) or not sent.result().accepted:
            say(kind='rejected')
            continue
        ended = sent.result().get_result_async()
        until(ended.done, 120)
        if not ended.done():
            say(kind='silent')
            continue
        result = ended.result()
        say(
            kind='result',
            status=result.status,
            ok=result.result.success,
            stage=result.result.stage,
            reason=result.result.reason,
            stops=list(state[0].reasons),
        )
        if result.result.success:
            break
    node.destroy_node()
    rclpy.shutdown()
    return 0


sys.exit(main())
