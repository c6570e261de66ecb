import { z } from 'zod';
import {
  type Bus,
  type Clock,
  InProcessBus,
  type SafetyState,
  SERVICES,
  SILENT_LOG,
  TOPICS,
} from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { RosBus, shutdownRos } from '../../ros/index.ts';
import {
  BodyTracksNode,
  channelSchema,
  MACHINE_CLOCK,
  SafetySupervisorNode,
  StopSocketNode,
} from '../../runtime/index.ts';
import { wallClock } from './wall_clock.ts';

/** What the program below is asked, over its message channel. */
const stopOrder = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('state') }),
  z.strictObject({ kind: z.literal('reset') }),
  /** Calls /safety/stop; answers with when. */
  z.strictObject({ kind: z.literal('stop') }),
  /** The plant asks for a protective stop on its topic; answers with when. */
  z.strictObject({ kind: z.literal('press') }),
  /** A source says nothing more; answers with the time of its last word. */
  z.strictObject({ kind: z.literal('silence'), source: z.enum(['external', 'tracks']) }),
  z.strictObject({ kind: z.literal('speak') }),
]);
export type StopOrder = z.infer<typeof stopOrder>;

const config = z.looseObject({
  robot: z.string(),
  roles: z.array(z.enum(['safety', 'plant'])),
  /** Whether their bus is ROS; else it is one within this process, which must then have both roles. */
  ros: z.boolean(),
  external_timeout_s: z.number(),
  /** Of the stop socket. */
  namespace: z.string(),
});
const channels = z.looseObject({ observation: channelSchema, grant: channelSchema, bodies: channelSchema });

const SOURCE_MS = 20;
/** How old tracks are when they are told, and where the person stands, m. */
const SENSED_BEFORE_S = 0.03;
const PERSON_AT_M = 6;

/** The plant's sources on the bus: its inputs, and a tracker of people. */
class Plant {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly frame_id: string;
  private readonly silent = new Set<string>();
  private pressed = false;
  /** When each source last spoke, and its tracks were sensed, s. */
  private readonly spoke_s = { external: 0, tracks: 0 };

  constructor(bus: Bus, clock: Clock, frame_id: string) {
    this.bus = bus;
    this.clock = clock;
    this.frame_id = frame_id;
    setInterval(() => this.say(), SOURCE_MS);
  }

  silence(source: 'external' | 'tracks'): number {
    this.silent.add(source);
    return this.spoke_s[source];
  }

  press(): number {
    this.pressed = true;
    const pressed_s = MACHINE_CLOCK.now_s();
    this.say();
    return pressed_s;
  }

  speak(): void {
    this.silent.clear();
    this.pressed = false;
    this.say();
  }

  private say(): void {
    const { bus, silent, spoke_s, frame_id } = this;
    const now_ns = this.clock.now_ns();
    if (!silent.has('external')) {
      spoke_s.external = MACHINE_CLOCK.now_s();
      const nothing = { protective_stop: this.pressed, safeguard_open: false, emergency_stop: false };
      const inputs = { ...nothing, source: 'plc', enabling_device: 'none' as const };
      bus.publish(TOPICS.external_inputs, { stamp_ns: now_ns, ...inputs });
    }
    if (silent.has('tracks')) return;
    spoke_s.tracks = MACHINE_CLOCK.now_s() - SENSED_BEFORE_S;
    const person = {
      ...{ id: 1, kind: 'person' as const, radius_m: 0.3, length_m: 1.2, position_error_m: 0.05 },
      pose: { position: [PERSON_AT_M, 0, 0.6] as const, orientation: [0, 0, 0, 1] as const },
      velocity_m_per_s: [0, 0, 0] as const,
    };
    const stamp_ns = now_ns - BigInt(Math.round(1e9 * SENSED_BEFORE_S));
    bus.publish(TOPICS.bodies, { stamp_ns, frame_id, source: 'tracker', bodies: [person] });
  }
}

/** A supervisor's process, or the plant around it, or both. */
async function main(): Promise<void> {
  const told: unknown = JSON.parse(process.argv[2]);
  const { robot: name, roles, ros, external_timeout_s, namespace } = config.parse(told);
  const robot = loadRobot(name, { visualMeshes: false });
  const onError = (error: unknown, where: string) => process.stderr.write(`${where}: ${String(error)}\n`);
  const node_name = `stop_${roles.join('_')}`;
  const joined = ros ? await RosBus.create({ node_name, namespace, onError }) : null;
  const bus: Bus = joined ?? new InProcessBus({ validate: true });
  const clock = joined?.clock ?? wallClock;
  let state: SafetyState | null = null;
  bus.subscribe(TOPICS.safety_state, 'test', (message) => {
    state = message;
  });
  if (roles.includes('safety')) {
    const { bodies, observation, grant } = channels.parse(told);
    const parameters = { external: ['plc'], external_timeout_s };
    const safety = new SafetySupervisorNode({ gate: { observation, grant }, processes: [], parameters });
    const stop = (reason: string) => {
      safety.requestStop('socket.stop', reason);
      return 'stopping';
    };
    const outlet = new StopSocketNode({ robot: name, namespace, stop });
    for (const node of [safety, new BodyTracksNode(robot.model.root_link, bodies), outlet]) {
      await node.configure({ bus, clock, log: SILENT_LOG });
      node.activate();
    }
  }
  const plant = roles.includes('plant') ? new Plant(bus, clock, robot.model.root_link) : null;
  const obey = async (order: StopOrder): Promise<unknown> => {
    switch (order.kind) {
      case 'state':
        return state;
      case 'reset':
        return bus.call(SERVICES.safety_reset, {});
      case 'stop': {
        const sent_s = MACHINE_CLOCK.now_s();
        const { success } = await bus.call(SERVICES.safety_stop, {});
        return { success, sent_s, answered_s: MACHINE_CLOCK.now_s() - sent_s };
      }
      case 'press':
        return plant?.press();
      case 'silence':
        return plant?.silence(order.source);
      case 'speak':
        return plant?.speak();
    }
  };
  const answer = (kind: string, ok: boolean, value: unknown) => process.send?.({ kind, ok, value });
  process.on('message', (message) => {
    const order = stopOrder.parse(message);
    obey(order).then(
      (value) => answer(order.kind, true, value),
      (error: unknown) => answer(order.kind, false, error instanceof Error ? error.message : String(error)),
    );
  });
  process.on('disconnect', () => {
    if (joined !== null) shutdownRos();
    process.exit(0);
  });
  answer('ready', true, process.pid);
}

await main();
