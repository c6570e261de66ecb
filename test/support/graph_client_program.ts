import { z } from 'zod';
import {
  ACTIONS,
  type GoalStatus,
  type JointState,
  jointTrajectory,
  type SafetyState,
  SERVICES,
  TOPICS,
  type TrajectoryResult,
} from '../../contracts/index.ts';
import { RosBus, shutdownRos } from '../../ros/index.ts';
import type { ClientOrder } from './graph_client.ts';

const clientOrder: z.ZodType<ClientOrder> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('state') }),
  z.strictObject({ kind: z.literal('joints') }),
  z.strictObject({ kind: z.literal('move'), trajectory: jointTrajectory }),
  z.strictObject({ kind: z.literal('reset') }),
]);

/** Somebody else's process on a ROS 2 graph: sends goals, asks for resets, and tells what it hears. */
async function main(): Promise<void> {
  const { namespace } = z.object({ namespace: z.string() }).parse(JSON.parse(process.argv[2]));
  const bus = await RosBus.create({
    node_name: 'graph_client',
    namespace,
    onError: (error, where) => process.stderr.write(`${where}: ${String(error)}\n`),
  });
  let state: SafetyState | null = null;
  let joints: JointState | null = null;
  bus.subscribe(TOPICS.safety_state, 'client', (message) => {
    state = message;
  });
  bus.subscribe(TOPICS.joint_states, 'client', (message) => {
    joints = message;
  });
  const answer = (kind: string, ok: boolean, value: unknown) => process.send?.({ kind, ok, value });
  const obey = async (order: ClientOrder): Promise<unknown> => {
    switch (order.kind) {
      case 'state':
        return state;
      case 'joints':
        return joints;
      case 'reset':
        return bus.call(SERVICES.safety_reset, {});
      case 'move':
        return new Promise<{ status: GoalStatus; result: TrajectoryResult }>((resolve) => {
          const goal = { label: 'move', trajectory: order.trajectory };
          bus.sendGoal(ACTIONS.follow_joint_trajectory, goal, {
            onResult: (status, result) => resolve({ status, result }),
          });
        });
    }
  };
  process.on('message', (message) => {
    const order = clientOrder.parse(message);
    obey(order).then(
      (value) => answer(order.kind, true, value),
      (error: unknown) => answer(order.kind, false, error instanceof Error ? error.message : String(error)),
    );
  });
  process.on('disconnect', () => {
    void bus
      .shutdown()
      .then(() => shutdownRos())
      .then(() => process.exit(0));
  });
  answer('ready', true, process.pid);
}

await main();
