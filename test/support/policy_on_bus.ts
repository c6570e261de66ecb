import {
  ACTIONS,
  type Escalation,
  type EscalationEnd,
  InProcessBus,
  type RunPolicyFeedback,
  type RunPolicyResult,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  type TaskGoalOf,
  TOPICS,
} from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { prepareEngine } from '../../sim/index.ts';
import { BusPlace, drawUnrecordedWorld, openOnRobot, PolicyNode, SimCell } from '../../stack/index.ts';

export const PANDA = loadRobot('panda', { visualMeshes: false });
const CONTROL_HZ = 500;
const INPUT_CYCLES = CONTROL_HZ / 10;

/** A cell whose policies are in another process, as far as the bus tells: in lock-step, with its cameras. */
export async function policyOnBus(files: readonly string[], seed = 0, episode = 0, camera_hz = 15) {
  await prepareEngine('cannon');
  const world = { task: 'pick-place', engine: 'cannon', randomize: 'none', objects: 'all', seed } as const;
  const { instance, rng, randomization } = drawUnrecordedWorld(world, episode, PANDA);
  const bus = new InProcessBus({ validate: true });
  const clock = new SimClock();
  const context = { bus, clock, log: SILENT_LOG };
  const { scene } = instance;
  const goal = instance.goal as TaskGoalOf<'pick-place'>;
  const cell = new SimCell(PANDA, scene, rng, context, true, 'cannon', randomization, null, { servo: true, camera_hz });
  const policies = await openOnRobot(files, PANDA, false);
  const pending: Promise<void>[] = [];
  const now_ms = () => 1000 * cell.time_s;
  const options = { bus, clock, robot: PANDA, policies, now_ms, watched_by: 'teleop' };
  const place = new BusPlace(options, (cycles) => {
    const thinking = node.cycled(cycles);
    if (thinking !== undefined) pending.push(thinking);
  });
  const node = new PolicyNode({ place, policies, answer_within_s: 2 });
  const asked: Escalation[] = [];
  const ends: EscalationEnd[] = [];
  bus.subscribe(TOPICS.escalations, 'test', (one) => void asked.push(one));
  bus.subscribe(TOPICS.escalation_ends, 'test', (one) => void ends.push(one));
  for (const each of [...cell.nodes, node]) await each.configure(context);
  place.start();
  for (const each of [...cell.nodes, node]) each.activate();
  const watch = { heard: true };
  let cycle = 0;
  /** Runs for a while; gives the fastest joint meanwhile (rad/s). */
  const run = async (seconds: number, until: () => boolean = () => false): Promise<number> => {
    let fastest = 0;
    for (let k = 0; k < Math.round(seconds * CONTROL_HZ) && !until(); k++) {
      cell.step();
      clock.advance(secondsToStamp(cell.time_s));
      cell.publish();
      if (watch.heard && cycle++ % INPUT_CYCLES === 0) {
        bus.publish(TOPICS.external_inputs, {
          ...{ stamp_ns: clock.now_ns(), source: 'teleop', enabling_device: 'none' },
          ...{ protective_stop: false, safeguard_open: false, emergency_stop: false },
        });
      }
      await bus.settled();
      await Promise.all(pending.splice(0));
      for (let j = 0; j < PANDA.arm_joints; j++)
        fastest = Math.max(fastest, Math.abs(cell.gate.lastCommand.velocity[j]));
    }
    return fastest;
  };
  const start = (changes: object = {}) => {
    const told: { feedback: RunPolicyFeedback[]; result: RunPolicyResult | null } = { feedback: [], result: null };
    const { model_sha256 } = policies[0].offered;
    const sent = bus.sendGoal(
      ACTIONS.run_policy,
      { object: goal.object, target: goal.target, model_sha256, ...changes },
      {
        onFeedback: (feedback) => void told.feedback.push(feedback),
        onResult: (_, result) => {
          told.result = result;
        },
      },
    );
    return { told, sent };
  };
  const close = async () => {
    node.deactivate();
    place.close();
    await node.cleanup();
    cell.dispose();
  };
  return { bus, clock, cell, instance, goal, node, policies, asked, ends, watch, run, start, close };
}
