import type { Robot } from '../robots/index.ts';
import { createContactPoint, InvalidStateError, type PhysicsEngine } from './engine.ts';

/** Beyond these a scene of this size has come apart: nothing in it can be thrown so fast, or pressed in so deep. */
export const STATE_LIMITS = { speed_m_s: 30, spin_rad_s: 3000, joint_speed: 100, depth_m: 0.02 } as const;

const PARTS = ['position', 'orientation', 'velocity', 'angular velocity'] as const;
const FROM = [0, 3, 7, 10, 13] as const;

/** Looks at an engine's state by its public face, the same for every engine. Allocates only to report. */
export class StateCheck {
  private readonly robot: Robot;
  private readonly state = new Float64Array(13);
  private readonly point = createContactPoint();

  constructor(robot: Robot) {
    this.robot = robot;
  }

  /**
   * Throws InvalidStateError, naming body, step, value and limit, for a state that is not finite or has come apart.
   * `deepest_m` is the greatest overlap of the last step; which bodies it is of is only asked for beyond the limit.
   */
  check(engine: PhysicsEngine, deepest_m: number): void {
    const { state, point } = this;
    const { q, v, tau } = engine;
    for (let i = 0; i < q.length; i++) {
      if (!Number.isFinite(q[i])) this.failJoint(engine, i, 'position', q[i]);
      if (!(Math.abs(v[i]) <= STATE_LIMITS.joint_speed)) this.failJoint(engine, i, 'velocity', v[i]);
      if (!Number.isFinite(tau[i])) this.failJoint(engine, i, 'force', tau[i]);
    }
    for (let k = 0; k < engine.object_count; k++) {
      engine.objectState(k, state, 0);
      let sum = 0;
      for (let i = 0; i < 13; i++) sum += state[i];
      const speed = square(state, 7);
      const spin = square(state, 10);
      const { speed_m_s, spin_rad_s } = STATE_LIMITS;
      if (Number.isFinite(sum) && speed <= speed_m_s * speed_m_s && spin <= spin_rad_s * spin_rad_s) continue;
      this.failObject(engine, k);
    }
    if (!(deepest_m > STATE_LIMITS.depth_m)) return;
    for (let k = 0; k < engine.contact_count; k++) {
      engine.contact(k, point);
      if (point.depth_m > STATE_LIMITS.depth_m) this.failContact(engine);
    }
  }

  private failJoint(engine: PhysicsEngine, joint: number, what: string, value: number): never {
    const limit = Number.isFinite(value) ? `; at most ${STATE_LIMITS.joint_speed}` : '';
    fail(engine, `joint ${this.robot.model.joint_names[joint]} ${what} is ${value}${limit}`);
  }

  private failObject(engine: PhysicsEngine, object: number): never {
    const { state } = this;
    const body = `object ${object} (${engine.body_names[1 + object]})`;
    for (let part = 0; part < PARTS.length; part++) {
      const values = [...state.subarray(FROM[part], FROM[part + 1])];
      if (!values.every(Number.isFinite)) fail(engine, `${body} ${PARTS[part]} is ${values.join(' ')}`);
    }
    const speed = Math.sqrt(square(state, 7));
    const { speed_m_s, spin_rad_s } = STATE_LIMITS;
    if (speed > speed_m_s) fail(engine, `${body} velocity is ${speed.toFixed(1)} m/s; at most ${speed_m_s}`);
    const spin = Math.sqrt(square(state, 10)).toFixed(0);
    fail(engine, `${body} angular velocity is ${spin} rad/s; at most ${spin_rad_s}`);
  }

  private failContact(engine: PhysicsEngine): never {
    const { a, b, depth_m } = this.point;
    const pair = `${engine.body_names[a]} and ${engine.body_names[b]}`;
    const limit = `at most ${1000 * STATE_LIMITS.depth_m}`;
    fail(engine, `${pair} are ${(1000 * depth_m).toFixed(1)} mm in each other; ${limit}`);
  }
}

function square(state: Float64Array, at: number): number {
  return state[at] * state[at] + state[at + 1] * state[at + 1] + state[at + 2] * state[at + 2];
}

function fail(engine: PhysicsEngine, what: string): never {
  throw new InvalidStateError(`physics engine ${engine.name}, step ${engine.steps}: ${what}`);
}
