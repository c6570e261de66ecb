import { InputError } from '../contracts/index.ts';
import { quaternionToMatrix } from '../dynamics/index.ts';
import type { Robot, SuctionModel } from '../robots/index.ts';
import type { PhysicsEngine } from './engine.ts';
import { objectInertia } from './object_inertia.ts';
import { type RayShape, rayShape } from './ray_shape.ts';
import type { SceneModel } from './scene.ts';

/** Points of the rim at which the seal is looked at. */
const RIM = 16;
/** Rays begin this far inside the cup, so that a surface which the lip is pressed into is seen too (m). */
const SETBACK = 0.004;
/** Pressure difference that no longer counts, Pa. */
const NOTHING = 1;

const PRESSURE = 0;
const ON = 1;
const OBJECT = 2;

/**
 * A vacuum cup on the tool. While the vacuum is on and the rim lies on one object all around, within the gap and the tilt
 * that its lip follows, the pressure in it falls, and the difference to the outside pulls object and cup together with
 * Δp·A along the cup's axis, equal and opposite. Contact under that load does the rest: what is heavier than Δp·A pulls
 * away, what is pushed aside by more than μ times the load slides, and where the rim leaves the surface the pressure is
 * lost. Works with any engine, by its public face alone.
 */
export class SuctionCup {
  readonly model: SuctionModel;
  private readonly engine: PhysicsEngine;
  private readonly shapes: readonly RayShape[];
  /** Centres of mass in the shapes' frames, 3 each. */
  private readonly com: Float64Array;
  private readonly body: number;
  private readonly tool_R: readonly number[];
  private readonly tool_p: readonly number[];
  /** PRESSURE difference (Pa), ON, OBJECT in the cup or −1. */
  private readonly status = new Float64Array(3);
  private readonly pose = new Float64Array(12);
  private readonly object = new Float64Array(13);
  private readonly object_R = new Float64Array(9);
  /** Cup in the world: centre 3, axes x y z 3 each; then in an object's frame. */
  private readonly cup = new Float64Array(12);
  private readonly local = new Float64Array(12);
  private readonly origin = new Float64Array(3);
  private readonly axis = new Float64Array(3);
  private readonly hit = new Float64Array(4);
  private readonly wrench = new Float64Array(6);
  private readonly least_cosine: number;

  /** Throws InputError for a robot without a suction tool. */
  constructor(robot: Robot, scene: SceneModel, engine: PhysicsEngine) {
    const tool = robot.model.frames.find(({ name }) => name === robot.tcp_frame);
    if (robot.suction === undefined || tool === undefined || tool.body < 0) {
      throw new InputError(`suction on ${robot.name}`, "load it with the tool 'suction'");
    }
    this.model = robot.suction;
    this.engine = engine;
    this.shapes = scene.objects.map(({ shape }) => rayShape(shape));
    this.com = Float64Array.from(scene.objects.flatMap((object) => [...objectInertia(object).com]));
    this.body = tool.body;
    this.tool_R = tool.R;
    this.tool_p = tool.p;
    this.least_cosine = Math.cos(this.model.max_tilt_rad);
    this.reset();
  }

  /** Whether the ejector runs. */
  get on(): boolean {
    return this.status[ON] === 1;
  }

  set on(value: boolean) {
    this.status[ON] = value ? 1 : 0;
  }

  /** Pressure below that outside, as the ejector's gauge shows it (Pa). */
  get vacuum_Pa(): number {
    return this.status[PRESSURE];
  }

  /** Force that holds the object now, N. */
  get force_N(): number {
    return this.status[PRESSURE] * Math.PI * this.model.radius_m ** 2;
  }

  /** Vents the cup and stops the ejector. */
  reset(): void {
    this.status[PRESSURE] = 0;
    this.status[ON] = 0;
    this.status[OBJECT] = -1;
  }

  /** Pushes cup and object together for the next step of the engine. Call once before each. */
  actuate(): void {
    const { status, model, engine } = this;
    if (status[ON] === 0 && status[PRESSURE] === 0) return;
    this.place();
    if (status[OBJECT] < 0 || !this.seals(status[OBJECT])) {
      status[OBJECT] = status[ON] === 1 ? this.find() : -1;
      status[PRESSURE] = 0;
    }
    if (status[OBJECT] < 0) return;
    const target = status[ON] === 1 ? model.vacuum_Pa : 0;
    status[PRESSURE] += (target - status[PRESSURE]) * Math.min(1, engine.dt_s / model.evacuation_s);
    if (status[PRESSURE] < NOTHING) {
      status[PRESSURE] = 0;
      status[OBJECT] = -1;
      return;
    }
    this.pull(status[OBJECT]);
  }

  /** Pressure, switch and object, for `loadState`. */
  saveState(): Float64Array {
    return this.status.slice();
  }

  loadState(state: Float64Array): void {
    if (state.length !== this.status.length) {
      throw new InputError(`saved state of a suction cup, ${state.length} numbers`, `must have ${this.status.length}`);
    }
    this.status.set(state);
  }

  /** Pose of the cup in the world. */
  private place(): void {
    const { pose: T, cup, tool_R: R, tool_p: p } = this;
    this.engine.bodyPose(this.body, T);
    for (let i = 0; i < 3; i++) {
      const r = 3 * i;
      cup[i] = T[9 + i] + T[r] * p[0] + T[r + 1] * p[1] + T[r + 2] * p[2];
      for (let k = 0; k < 3; k++) cup[3 + 3 * k + i] = T[r] * R[k] + T[r + 1] * R[3 + k] + T[r + 2] * R[6 + k];
    }
  }

  /** The first object that the rim seals on, −1 for none. */
  private find(): number {
    for (let i = 0; i < this.shapes.length; i++) if (this.seals(i)) return i;
    return -1;
  }

  /** Whether the surface of an object is under the rim all around, near and level enough. */
  private seals(object: number): boolean {
    const { cup, local, object: s, object_R: R, origin, axis } = this;
    this.engine.objectState(object, s, 0);
    quaternionToMatrix(s, 3, R);
    for (let k = 0; k < 12; k += 3) {
      for (let i = 0; i < 3; i++) {
        local[k + i] = R[i] * cup[k] + R[3 + i] * cup[k + 1] + R[6 + i] * cup[k + 2];
        if (k === 0) local[i] -= R[i] * s[0] + R[3 + i] * s[1] + R[6 + i] * s[2];
      }
    }
    for (let i = 0; i < 3; i++) axis[i] = local[9 + i];
    const { radius_m, max_gap_m } = this.model;
    for (let point = 0; point < RIM; point++) {
      const x = radius_m * COSINE[point];
      const y = radius_m * SINE[point];
      for (let i = 0; i < 3; i++) origin[i] = local[i] + x * local[3 + i] + y * local[6 + i] - SETBACK * axis[i];
      if (!this.shapes[object].cast(origin, axis, this.hit)) return false;
      const level = -(this.hit[1] * axis[0] + this.hit[2] * axis[1] + this.hit[3] * axis[2]);
      if (this.hit[0] - SETBACK > max_gap_m || level < this.least_cosine) return false;
    }
    return true;
  }

  /** Equal and opposite forces at the cup's centre. */
  private pull(object: number): void {
    const { cup, pose, wrench: w, object: s, object_R: R, com, engine } = this;
    const force = this.force_N;
    for (let k = 0; k < 3; k++) w[k] = force * cup[9 + k];
    turn(w, cup[0] - pose[9], cup[1] - pose[10], cup[2] - pose[11]);
    engine.pushBody(this.body, w);
    for (let k = 0; k < 3; k++) w[k] = -w[k];
    const c = 3 * object;
    turn(
      w,
      cup[0] - s[0] - (R[0] * com[c] + R[1] * com[c + 1] + R[2] * com[c + 2]),
      cup[1] - s[1] - (R[3] * com[c] + R[4] * com[c + 1] + R[5] * com[c + 2]),
      cup[2] - s[2] - (R[6] * com[c] + R[7] * com[c + 1] + R[8] * com[c + 2]),
    );
    engine.pushObject(object, w);
  }
}

const COSINE = Float64Array.from({ length: RIM }, (_, k) => Math.cos((2 * Math.PI * k) / RIM));
const SINE = Float64Array.from({ length: RIM }, (_, k) => Math.sin((2 * Math.PI * k) / RIM));

/** Torque of the force w[0..2] at (x, y, z), into w[3..5]. */
function turn(w: Float64Array, x: number, y: number, z: number): void {
  w[3] = y * w[2] - z * w[1];
  w[4] = z * w[0] - x * w[2];
  w[5] = x * w[1] - y * w[0];
}
