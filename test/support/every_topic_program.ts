import { type Bus, hardwareTopics, SimClock, TOPICS } from '../../contracts/index.ts';
import { RosBus } from '../../ros/index.ts';
import { AWKWARD_TEXT, publishOneOfEach } from './one_of_each.ts';
import { syntheticDetections } from './synthetic_episode.ts';

/** One message of each topic that `publishOneOfEach` leaves out. */
function publishTheRest(bus: Bus, stamp_ns: bigint): void {
  const frame = { stamp_ns, frame_id: 'panda_hand_tcp' };
  const pose = { position: [0.1, -0.2, 0.3], orientation: [0, 0, 0, 1] } as const;
  bus.publish(TOPICS.clock, { stamp_ns });
  bus.publish(TOPICS.robot_description, { data: `<robot name="${AWKWARD_TEXT}"/>` });
  bus.publish(TOPICS.heartbeats, { stamp_ns, node: '/everything', sequence: 7, timeout_s: 0.2 });
  const inputs = {
    protective_stop: false,
    safeguard_open: true,
    emergency_stop: false,
    enabling_device: 'held' as const,
  };
  bus.publish(TOPICS.external_inputs, { stamp_ns, source: 'plc', ...inputs });
  const track = { id: 3, kind: 'person', radius_m: 0.3, length_m: 1.1, pose, position_error_m: 0.05 } as const;
  bus.publish(TOPICS.bodies, {
    ...{ stamp_ns, frame_id: 'panda_link0', source: 'scanner' },
    bodies: [{ ...track, velocity_m_per_s: [0.5, -1, 0] }],
  });
  const policy = { policy: AWKWARD_TEXT, model_sha256: 'ab'.repeat(32), ood_score: 0.5, ood_limit: 1 };
  bus.publish(TOPICS.policy_status, { stamp_ns, ...policy });
  const offered = { name: AWKWARD_TEXT, version: '1', model_sha256: 'ab'.repeat(32), task: 'pick-place', rate_hz: 25 };
  bus.publish(TOPICS.offered_policies, { stamp_ns, policies: [{ ...offered, told: 'state', ask_below: 0.5 }] });
  bus.publish(TOPICS.policy_run, {
    ...{
      stamp_ns,
      policy: AWKWARD_TEXT,
      model_sha256: 'ab'.repeat(32),
      phase: 'asking',
      stage: 'lift',
      reason: 'unsure',
    },
    ...{ confidence: null, time_s: 1.5 },
  });
  const pair = Float64Array.of(0.5, -1);
  bus.publish(TOPICS.policy_targets, { stamp_ns, names: ['a', 'b'], position: pair, velocity: pair, effort: pair });
  bus.publish(TOPICS.dynamic_joint_states, {
    stamp_ns,
    joints: [{ name: 'panda_joint1', values: [{ interface: 'temperature', value: 41.5 }] }],
  });
  bus.publish(TOPICS.audit_checkpoint, {
    ...{ stamp_ns, log: 'run', sequence: 2 ** 40, hash: 'cd'.repeat(32), key: '', signature: '' },
  });
  const seen = {
    frame_id: 'world',
    request_id: 'overview/12',
    source: 'onnx',
    degraded_reason: '',
    model: 'vision@1',
  } as const;
  bus.publish(TOPICS.doubts, { ...seen, stamp_ns, detections: [] });
  const asked = { id: 'perception-1', frame_sha256: 'ef'.repeat(32), model: 'vision@1.0.0' } as const;
  bus.publish(TOPICS.escalations, {
    ...asked,
    ...{ stamp_ns, expires_ns: stamp_ns + 5_000_000_000n, asked_by: 'perception', question: AWKWARD_TEXT },
    ...{ options: ['red box', 'skip'], request_id: 'overview/12', model_sha256: '', image_box: [1, 2, 30.5, 40] },
    ...{ image_format: 'png', image: Uint8Array.of(137, 80, 78, 71) },
  });
  const objects = syntheticDetections(stamp_ns);
  bus.publish(TOPICS.objects, objects);
  bus.publish(TOPICS.escalation_answers, { ...asked, stamp_ns, answer: 'red box', by: AWKWARD_TEXT });
  bus.publish(TOPICS.escalation_ends, {
    ...{ id: asked.id, stamp_ns, end: 'answered', answer: 'red box', by: 'operator', reason: '' },
  });
  bus.publish(TOPICS.corrections, {
    ...{ id: asked.id, stamp_ns, by: AWKWARD_TEXT, mistake: 'other_place', answer: 'red box' },
    ...{ seen: { ...objects, detections: objects.detections.slice(0, 1) }, image_box: [1, 2, 30.5, 40] },
  });
  bus.publish(TOPICS.gate_journal, { stamp_ns, first_cycle: 500, data: Uint8Array.of(1, 2, 255) });
  const values = [{ key: 'temperature_C', value: '41' }];
  const status = { level: 'warn', name: '/everything: node', message: AWKWARD_TEXT, hardware_id: '', values } as const;
  bus.publish(TOPICS.diagnostics, { stamp_ns, status: [status] });
  bus.publish(TOPICS.servo_twist, { ...frame, linear: [0.1, 0, 0], angular: [0, 0, -0.5] });
  bus.publish(TOPICS.servo_jog, { stamp_ns, names: ['panda_joint2'], velocity: Float64Array.of(-0.1) });
  bus.publish(TOPICS.servo_pose, { ...frame, pose });
  bus.publish(TOPICS.operator_jog, {
    ...{ stamp_ns, epoch: 2 ** 40, session: AWKWARD_TEXT, sequence: 2 ** 32 - 1, seen_ns: stamp_ns - 20_000_000n },
    ...{ kind: 'joints', frame_id: '', linear: [0, 0, 0], angular: [0, 0, 0] },
    ...{ joint_names: ['panda_joint2'], joint_velocity: Float64Array.of(-0.1) },
  });
  bus.publish(TOPICS.servo_status, { stamp_ns, state: 'slowed', reason: 'gate', share: 0.5, detail: AWKWARD_TEXT });
  const marker = { namespace: 'plan', id: 1, frame_id: 'world', kind: 'line_strip', pose } as const;
  const drawn = {
    ...marker,
    scale: [0.01, 0, 0],
    colour: [1, 0.5, 0, 1],
    points: [
      [0, 0, 0],
      [0.1, 0.2, 0.3],
    ],
  } as const;
  bus.publish(TOPICS.markers, { stamp_ns, markers: [drawn] });
  const { trajectory, commands, state } = hardwareTopics('/joint_trajectory_controller');
  const [two, four] = [Float64Array.of(0.5, -0.5), Float64Array.of(1, 2, 3, 4)];
  const joint_names = ['panda_joint1', 'panda_joint2'];
  const motion = { time_s: Float64Array.of(0.1, 0.2), position: four, velocity: four, acceleration: four };
  bus.publish(trajectory, { stamp_ns, joint_names, ...motion });
  bus.publish(commands, { data: two });
  const rows = { position: two, velocity: two };
  bus.publish(state, { stamp_ns, joint_names, reference: rows, feedback: rows, error: rows });
}

const bus = await RosBus.create({
  node_name: 'everything',
  onError(error, where) {
    process.stderr.write(`${where}: ${error instanceof Error ? error.stack : error}\n`);
  },
});
const timer = setInterval(() => {
  publishOneOfEach(bus, new SimClock());
  publishTheRest(bus, bus.clock.now_ns());
}, 100);
// A line says that it has published enough.
process.stdin.once('data', () => {
  clearInterval(timer);
  process.stdout.write('quiet\n');
});
process.stdout.write(`up ${bus.fullName}\n`);
process.once('SIGTERM', async () => {
  clearInterval(timer);
  process.stdin.destroy();
  await bus.shutdown();
});
