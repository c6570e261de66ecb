import { z } from 'zod';
import {
  ACTIONS,
  type GoalStatus,
  InProcessBus,
  jointTrajectory,
  type SafetyState,
  SERVICES,
  SILENT_LOG,
  TOPICS,
  type TrajectoryResult,
} from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ControlProxyNode, channelSchema, Heartbeat, openGateLink, SafetySupervisorNode } from '../../runtime/index.ts';
import type { AuditSink } from '../../safety/index.ts';
import { wallClock } from './wall_clock.ts';

/** What the program below is asked, over its message channel. */
const graphOrder = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('move'), trajectory: jointTrajectory }),
  z.strictObject({ kind: z.literal('state') }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('block'), seconds: z.number() }),
  /** Another supervisor's states on the supervisor's bus, ten times a second for so long. */
  z.strictObject({ kind: z.literal('impostor'), seconds: z.number() }),
  /** A second supervisor on the supervisor's bus: why it does not become active. */
  z.strictObject({ kind: z.literal('second') }),
  /** Rules of the tampering that the supervisors have told the audit log of. */
  z.strictObject({ kind: z.literal('tampering') }),
  /** A joint's temperature on the supervisor's bus, °C. */
  z.strictObject({ kind: z.literal('temperature'), value_C: z.number() }),
  /** Joint states on the supervisor's bus: one, and one right after it in which the first joint is elsewhere. */
  z.strictObject({ kind: z.literal('jump'), by_rad: z.number() }),
]);
export type GraphOrder = z.infer<typeof graphOrder>;

const config = z.looseObject({
  role: z.enum(['control', 'safety', 'node']),
  robot: z.string(),
  hz: z.number(),
  /** Names of the other processes that the supervisor hears, in the order of their channels `heartbeat0`, … */
  watched: z.array(z.object({ name: z.string(), busy_s: z.number(), required: z.boolean() })),
  heartbeat: channelSchema,
});
const gateChannels = z.looseObject({ observation: channelSchema, grant: channelSchema });
const armChannels = z.looseObject({ command: channelSchema, state: channelSchema });

/** One process of a graph, with a bus of its own: the controller, the supervisor, or any other that beats. */
async function main(): Promise<void> {
  const told: unknown = JSON.parse(process.argv[2]);
  const { role, robot, hz, watched, heartbeat } = config.parse(told);
  const described = loadRobot(robot, { visualMeshes: false });
  const bus = new InProcessBus({ validate: true });
  const answer = (kind: string, ok: boolean, value: unknown) => process.send?.({ kind, ok, value });
  let state: SafetyState | null = null;
  const tampering: string[] = [];
  const audit: AuditSink = {
    record: ({ kind, rule }) => {
      if (kind === 'tampering') tampering.push(rule);
    },
  };
  if (role === 'control') {
    const node = new ControlProxyNode({
      robot,
      hz,
      arm: armChannels.parse(told),
      supervised_by: gateChannels.parse(told),
      onFailure: () => process.exit(1),
    });
    await node.configure({ bus, clock: wallClock, log: SILENT_LOG });
    node.activate();
  }
  if (role === 'safety') {
    const channels = z.record(z.string(), z.unknown()).parse(told);
    const processes = watched.map((process, i) => ({
      ...process,
      channel: channelSchema.parse(channels[`heartbeat${i}`]),
    }));
    const monitored = { robot: described, envelope: {} };
    const node = new SafetySupervisorNode({ gate: gateChannels.parse(told), processes, monitored, audit });
    await node.configure({ bus, clock: wallClock, log: SILENT_LOG });
    bus.subscribe(TOPICS.safety_state, 'test', (message) => {
      state = message;
    });
    node.activate();
  }
  new Heartbeat(heartbeat);
  const obey = async (order: GraphOrder): Promise<unknown> => {
    switch (order.kind) {
      case 'move':
        return new Promise<{ status: GoalStatus; result: TrajectoryResult }>((resolve) => {
          const goal = { label: 'move', trajectory: order.trajectory };
          bus.sendGoal(ACTIONS.follow_joint_trajectory, goal, {
            onResult: (status, result) => resolve({ status, result }),
          });
        });
      case 'state':
        return state;
      case 'reset':
        return bus.call(SERVICES.safety_reset, {});
      case 'impostor': {
        const timer = setInterval(() => {
          if (state !== null) bus.publish(TOPICS.safety_state, { ...state, stamp_ns: wallClock.now_ns() + 1n });
        }, 100);
        setTimeout(() => clearInterval(timer), 1000 * order.seconds);
        return null;
      }
      case 'second': {
        const node = new SafetySupervisorNode({ gate: openGateLink(), processes: [], audit });
        try {
          await node.configure({ bus, clock: wallClock, log: SILENT_LOG });
          node.activate();
          return 'is active';
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        } finally {
          node.deactivate();
          await node.cleanup();
        }
      }
      case 'tampering':
        return tampering;
      case 'temperature': {
        const values = [{ interface: 'temperature', value: order.value_C }];
        const joints = [{ name: 'joint', values }];
        bus.publish(TOPICS.dynamic_joint_states, { stamp_ns: wallClock.now_ns(), joints });
        return null;
      }
      case 'jump': {
        const names = described.model.joint_names;
        const still = new Float64Array(names.length);
        for (const [k, by_rad] of [0, order.by_rad].entries()) {
          const position = described.home_q.map((q, i) => (i === 0 ? q + by_rad : q));
          const stamp_ns = wallClock.now_ns() + BigInt(k) * 10_000_000n;
          bus.publish(TOPICS.joint_states, { stamp_ns, names, position, velocity: still, effort: still });
        }
        return null;
      }
      case 'block':
        for (const end = performance.now() + 1e3 * order.seconds; performance.now() < end; );
        return null;
    }
  };
  process.on('message', (message) => {
    const order = graphOrder.parse(message);
    obey(order).then(
      (value) => answer(order.kind, true, value),
      (error: unknown) => answer(order.kind, false, error instanceof Error ? error.message : String(error)),
    );
  });
  process.on('disconnect', () => process.exit(0));
  setInterval(() => {}, 1000);
  answer('ready', true, process.pid);
}

await main();
