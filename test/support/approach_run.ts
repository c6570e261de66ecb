import { expect } from 'vitest';
import type { BodyTrack, Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { createCommandRequest, type Envelope, reasonNames, SafetyGate, Supervisor } from '../../safety/index.ts';
import {
  ArmShape,
  type Capsule,
  capsuleOf,
  ERRORS,
  MovingBody,
  minus,
  nearest,
  plus,
  roughDistance,
  sampledDistance,
  trackError,
  trackOf,
} from './approach.ts';
import { MADE_UP_TABLE } from './contact_table.ts';
import { tableEnvelope } from './gate_rig.ts';

const HZ = 500;
/** Places between two cycles at which contact is looked for. */
const BETWEEN = 4;
const TRIAL_S = 1.3;
/** The arm's surface is never faster, m/s. */
const ARM_SPEED = 8;
/** Cycles between two looks of a body at what it goes for. */
const AIM_CYCLES = 10;

/** Of the distance, m: the closer one where the first is not enough. */
function lowerBound(p: Capsule, q: Capsule): number {
  const rough = roughDistance(p, q);
  return rough > 0.1 ? rough : sampledDistance(p, q);
}

/** What speed and separation bounds the bodies of a trial by. */
export const BOUNDS = {
  body_speed_m_per_s: 1.6,
  track_delay_s: 0.1,
  track_period_s: 0.05,
  body_error_m: 0.05,
  robot_error_m: 0,
  intrusion_m: 0,
} as const;

/** Reasons with which the gate slows down or stops for bodies. */
const STOPS: readonly string[] = ['separation', 'body_out_of_bounds', 'bodies_stale'];

export interface ApproachOptions {
  readonly contact_speed_m_per_s: number;
  /** How fast bodies are in truth, times the bound, and how old tracks; 1 keeps the bounds. */
  readonly speed?: number;
  readonly delay?: number;
  /** Whether the gate is told of the bodies at all; by default it is. */
  readonly told?: boolean;
}

interface Message {
  readonly arrives_s: number;
  readonly sensed_s: number;
  readonly bodies: readonly BodyTrack[];
}

/** What tells of the bodies: when, how late and how wrong. */
class Tracker {
  readonly way: (typeof ERRORS)[number];
  readonly delay_s: number;
  private readonly rng: Rng;
  private readonly steady: boolean;
  private readonly range_s: readonly [number, number];
  private readonly period_s: number;
  private readonly messages: Message[] = [];
  /** Those that have arrived. */
  readonly heard: Message[] = [];
  private next_s = 0;
  private sent = 0;

  constructor(rng: Rng, delay: number) {
    this.rng = rng;
    this.way = ERRORS[rng.int(ERRORS.length)];
    this.period_s = rng.range(0.01, BOUNDS.track_period_s);
    this.steady = rng.uniform() < 0.5;
    const least = delay > 1 ? BOUNDS.track_delay_s + BOUNDS.track_period_s : 0;
    this.range_s = [least, Math.max(least, BOUNDS.track_delay_s * delay)];
    this.delay_s = rng.uniform() < 0.5 ? this.range_s[1] : rng.range(...this.range_s);
  }

  step(t_s: number, bodies: readonly MovingBody[], hand: MovingBody['centre'], gate: SafetyGate): void {
    const { rng, messages } = this;
    if (t_s >= this.next_s) {
      this.next_s += this.period_s;
      const tracks = bodies.map((body) =>
        trackOf(body, trackError(rng, this.way, BOUNDS.body_error_m, minus(body.centre, hand), this.sent)),
      );
      const late_s = this.steady ? this.delay_s : rng.range(...this.range_s);
      messages.push({ arrives_s: t_s + late_s, sensed_s: t_s, bodies: tracks });
      this.sent++;
    }
    for (let i = 0; i < messages.length; i++) {
      if (messages[i].arrives_s > t_s) continue;
      const [message] = messages.splice(i--, 1);
      this.heard.push(message);
      gate.setBodies(message.bodies, message.sensed_s);
    }
  }
}

/**
 * Random approaches of bodies to an arm that is driven without regard to them, one after the other through one gate. What
 * the arm does is judged by the positions sent and the bodies' true places alone.
 */
export class ApproachRun {
  readonly tally = {
    trials: 0,
    contacts: 0,
    moving_contacts: 0,
    fastest: 0,
    out_of_bounds: 0,
    stopped: 0,
    moved_rad: 0,
  };
  /** Contacts faster than allowed before which nothing had slowed the arm down or stopped it, though it could be known. */
  unstopped = 0;
  /** The same where every track that had come was one of a body within its bounds that is not there yet. */
  untold = 0;
  readonly gate: SafetyGate;
  private readonly robot: Robot;
  private readonly rng: Rng;
  private readonly shape: ArmShape;
  private readonly options: Required<ApproachOptions>;
  private supervisor = new Supervisor();
  private cycle = 0;
  private readonly before: Float64Array;
  private readonly now: Float64Array;
  private readonly place: Float64Array;
  /** For so long no body can touch the arm, s. */
  private clear_s = 0;

  constructor(robot: Robot, rng: Rng, options: ApproachOptions) {
    this.robot = robot;
    this.rng = rng;
    this.options = { speed: 1, delay: 1, told: true, ...options };
    this.shape = new ArmShape(robot);
    const separation = { ...BOUNDS, contact_speed_m_per_s: options.contact_speed_m_per_s };
    const sections = this.options.told ? { separation, contact_limits: MADE_UP_TABLE } : {};
    const envelope: Envelope = { ...tableEnvelope(robot), ...sections };
    this.gate = new SafetyGate(envelope, robot, HZ, 7);
    this.before = new Float64Array(robot.arm_joints);
    this.now = new Float64Array(robot.arm_joints);
    this.place = new Float64Array(robot.arm_joints);
  }

  private get t_s(): number {
    return this.cycle / HZ;
  }

  /** One approach, or until a body touches the arm. */
  trial(index: number): void {
    const { rng, gate, robot, shape, tally, options, before, now } = this;
    const n = robot.arm_joints;
    const start = Float64Array.from(robot.home_q.subarray(0, n), (q) => q + rng.range(-0.4, 0.4));
    gate.reset(start, 0.08);
    this.cycle = 0;
    this.supervisor = new Supervisor();
    this.clear_s = 0;
    now.set(start);
    shape.place(start);
    const request = createCommandRequest(n);
    request.kind = 'velocity';
    const speed = BOUNDS.body_speed_m_per_s * options.speed;
    const bodies = Array.from({ length: 1 + rng.int(2) }, (_, id) => {
      const angle = rng.range(-Math.PI, Math.PI);
      const far = rng.range(1.1, 1.9);
      return new MovingBody(rng, id, speed, [far * Math.cos(angle), far * Math.sin(angle), rng.range(0.2, 1.1)]);
    });
    const tracker = new Tracker(rng, options.delay);
    // They come at once, or once the arm is under way.
    const from = index % 3 === 0 ? 0 : 0.25 * HZ;
    const towards = rng.uniform() < 0.4;
    let next_velocity = 0;
    let warned = false;
    tally.trials++;
    for (let k = 0; k < TRIAL_S * HZ; k++) {
      this.cycle++;
      const { t_s } = this;
      const places = bodies.map((body) => body.capsule);
      if (k % AIM_CYCLES === 0) shape.place(now);
      if (k >= from) for (const body of bodies) body.move(1 / HZ, shape, k % AIM_CYCLES === 0);
      if (options.told) tracker.step(t_s, bodies, shape.hand, gate);
      if (k >= next_velocity) {
        next_velocity = k + 10 + rng.int(200);
        for (let i = 0; i < n; i++) {
          request.values[i] = rng.range(-1, 1) * gate.envelope.joints[i].velocity_rad_per_s;
        }
        if (towards) {
          const [x, y] = bodies[0].centre;
          request.values[0] = 3 * (Math.atan2(y, x) - now[0]);
          request.values[1] = 1.5;
        }
      }
      request.stamp_s = t_s;
      const nonce = this.supervisor.step(t_s, gate);
      if (nonce !== 0) gate.grant(nonce);
      before.set(now);
      now.set(gate.step(t_s, request).position);
      tally.moved_rad += Math.abs(now[0] - before[0]);
      const names = reasonNames(gate.reasons | gate.latchedReasons);
      if (names.includes('body_out_of_bounds')) tally.out_of_bounds++;
      if (!warned && names.some((name) => STOPS.includes(name))) {
        warned = true;
        tally.stopped++;
      }
      const contact = this.touched(places, bodies);
      if (contact === null) continue;
      tally.contacts++;
      if (contact.speed > 1e-9) tally.moving_contacts++;
      tally.fastest = Math.max(tally.fastest, contact.speed);
      const allowed = options.contact_speed_m_per_s + 1e-6;
      if (!warned && contact.speed > allowed) {
        if (this.couldBeKnown(contact.body, tracker.heard)) this.unstopped++;
        else this.untold++;
      }
      if (options.told && options.speed <= 1 && options.delay <= 1) {
        const ways = bodies.map(({ way }) => way).join(' ');
        const label = `approach ${index} (${ways}, errors ${tracker.way}, delay ${tracker.delay_s} s): ${contact.link} at ${t_s} s`;
        expect(contact.speed, label).toBeLessThanOrEqual(allowed);
      }
      break;
    }
    this.rest();
  }

  /**
   * Whether what was told of a body until now shows that it may touch the arm, or that it is out of its bounds: it reaches the
   * arm from its newest track, or two are too far apart.
   */
  private couldBeKnown(body: number, heard: readonly Message[]): boolean {
    const { shape, now, t_s } = this;
    const { body_speed_m_per_s: speed, body_error_m: error } = BOUNDS;
    // What is older than something that came before is of no account, as for the gate.
    const inOrder = heard.filter(({ sensed_s }, k) => heard.slice(0, k).every((before) => before.sensed_s < sensed_s));
    const tracks = inOrder.map(({ sensed_s, bodies }) => ({ sensed_s, capsule: capsuleOf(bodies[body]) }));
    shape.place(now);
    const newest = tracks.at(-1);
    const reach_m = newest === undefined ? 0 : speed * (t_s - newest.sensed_s) + error;
    const reached =
      newest !== undefined && shape.capsules.some((own) => nearest(own, newest.capsule).distance <= reach_m);
    const apart = tracks.some((first) =>
      tracks.some(({ sensed_s, capsule }) => {
        const room = speed * Math.max(0, sensed_s - first.sensed_s) + 2 * error;
        const far = (end: Capsule['a']) =>
          nearest({ a: end, b: end, radius: 0 }, { ...first.capsule, radius: 0 }).distance;
        return sensed_s >= first.sensed_s && Math.max(far(capsule.a), far(capsule.b)) > room;
      }),
    );
    return reached || apart;
  }

  /** First contact in the last cycle: link, body, speed of the link's surface along the normal (m/s); null for none. */
  private touched(
    places: readonly Capsule[],
    bodies: readonly MovingBody[],
  ): { link: string; body: number; speed: number } | null {
    const { shape, before, now, place } = this;
    this.clear_s -= 1 / HZ;
    if (this.clear_s > 0) return null;
    const after = bodies.map((body) => body.capsule);
    let clear = Infinity;
    for (let i = 1; i <= BETWEEN; i++) {
      const u = i / BETWEEN;
      for (let j = 0; j < place.length; j++) place[j] = before[j] + u * (now[j] - before[j]);
      shape.place(place);
      for (let b = 0; b < bodies.length; b++) {
        const { a, b: end, radius } = places[b];
        const body = { a: plus(a, minus(after[b].a, a), u), b: plus(end, minus(after[b].b, end), u), radius };
        for (let c = 0; c < shape.capsules.length; c++) {
          const bound = lowerBound(shape.capsules[c], body);
          if (bound > 0) {
            clear = Math.min(clear, bound);
            continue;
          }
          const { distance, share, normal } = nearest(shape.capsules[c], body);
          clear = Math.min(clear, distance);
          if (distance > 0) continue;
          return { link: shape.link[c], body: b, speed: HZ * shape.approach(before, now, c, share, normal) };
        }
      }
    }
    this.clear_s = clear / (ARM_SPEED + this.options.speed * BOUNDS.body_speed_m_per_s) - 1 / HZ;
    return null;
  }

  private rest(): void {
    const request = createCommandRequest(this.robot.arm_joints);
    for (let i = 0; i < 2000 && !this.gate.atRest; i++) {
      this.cycle++;
      this.gate.step(this.t_s, request);
    }
  }
}
