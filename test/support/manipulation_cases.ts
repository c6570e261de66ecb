import { createRng, type Rng, type Shape, type Vector3 } from '../../contracts/index.ts';
import { createEngine } from '../../sim/index.ts';
import { EngineRig, PANDA, sceneObject, tableScene, toolDown } from './sim_rig.ts';

export const KINDS = ['push', 'grasp', 'place'] as const;

/** One thing done to one object on the table, the same commands in every engine. Lengths in m, angles in rad. */
export interface ManipulationCase {
  readonly kind: (typeof KINDS)[number];
  readonly shape: Shape;
  readonly mass_kg: number;
  readonly friction: number;
  readonly finger_friction: number;
  readonly table_friction: number;
  /** Where the object starts, and how it is turned. */
  readonly x_m: number;
  readonly y_m: number;
  readonly yaw_rad: number;
  /** Direction of a push, or of the fingers' closing; and how far from the object's middle it passes. */
  readonly direction_rad: number;
  readonly offset_m: number;
  /** How far a push goes beyond first touch; how far a placement carries. */
  readonly distance_m: number;
  /** Speed of a push on average (m/s), of a placement at most. */
  readonly speed_m_s: number;
  readonly force_N: number;
}

export function drawCase(seed: number, index: number): ManipulationCase {
  const rng = createRng(seed).stream(`case/${index}`);
  const kind = KINDS[index % KINDS.length];
  const height = rng.range(0.03, kind === 'push' ? 0.04 : 0.06);
  const box: Shape = { type: 'box', size: [rng.range(0.03, 0.06), rng.range(0.03, 0.06), height] };
  const can: Shape = { type: 'cylinder', radius: rng.range(0.015, 0.03), length: height };
  const shape = rng.range(0, 1) < 0.6 ? box : can;
  const yaw_rad = rng.range(-Math.PI, Math.PI);
  return {
    kind,
    shape,
    mass_kg: rng.range(0.05, 0.4),
    friction: rng.range(0.5, 1),
    finger_friction: rng.range(0.7, 1),
    table_friction: rng.range(0.4, 0.8),
    x_m: rng.range(0.42, 0.58),
    y_m: rng.range(-0.15, 0.15),
    yaw_rad,
    // A push comes within 10° of square to a face; fingers close within 3°.
    direction_rad: yaw_rad + (rng.int(4) * Math.PI) / 2 + rng.range(-1, 1) * (kind === 'push' ? 0.17 : 0.05),
    offset_m: rng.range(-0.004, 0.004),
    distance_m: rng.range(0.03, 0.1),
    speed_m_s: rng.range(0.05, 0.2),
    force_N: rng.range(15, 50),
  };
}

/** A small change of where the object starts: 0.1 mm in a random direction, and 0.1° one way or the other. */
export interface Nudge {
  readonly x_m: number;
  readonly y_m: number;
  readonly yaw_rad: number;
}

export function drawNudge(rng: Rng): Nudge {
  const angle = rng.range(-Math.PI, Math.PI);
  const way = rng.range(0, 1) < 0.5 ? -1 : 1;
  return { x_m: 1e-4 * Math.cos(angle), y_m: 1e-4 * Math.sin(angle), yaw_rad: (way * 0.1 * Math.PI) / 180 };
}

const SETTLE = 300;

/** Plays a case in an engine that is prepared; the object's state at the end (13 numbers as objectState gives them). */
export function playCase(engine: string, item: ManipulationCase, nudge: Nudge | null = null): Float64Array {
  const { shape } = item;
  const height = shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? shape.length : 2 * shape.radius;
  const yaw = item.yaw_rad + (nudge?.yaw_rad ?? 0);
  const object = sceneObject(shape, [item.x_m + (nudge?.x_m ?? 0), item.y_m + (nudge?.y_m ?? 0), height / 2], {
    mass_kg: item.mass_kg,
    friction: item.friction,
    orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
  });
  const scene = tableScene([object], item.finger_friction, item.table_friction);
  // Where only the pads touch it.
  const low = Math.max(0.012, item.kind === 'push' ? height - 0.02 : height / 2 - 0.005);
  const across: Vector3 = [-Math.sin(item.direction_rad), Math.cos(item.direction_rad), 0];
  const along: Vector3 = [Math.cos(item.direction_rad), Math.sin(item.direction_rad), 0];
  const at = (forward: number, z: number): Vector3 => [
    item.x_m + forward * along[0] + item.offset_m * across[0],
    item.y_m + forward * along[1] + item.offset_m * across[1],
    z,
  ];
  const rig = new EngineRig(createEngine(engine, PANDA, scene));
  try {
    if (item.kind === 'push') push(rig, item, at, low);
    else pickUp(rig, item, at, low);
    if (item.kind === 'place') putDown(rig, item, at, low);
    rig.run(SETTLE);
    return rig.object(0);
  } finally {
    rig.engine.dispose?.();
  }
}

type At = (forward: number, z: number) => Vector3;

/** Puts the arm somewhere at rest, its fingers as given. */
function stand(rig: EngineRig, q: Float64Array, finger_m: number): Float64Array {
  q[q.length - 1] = finger_m;
  rig.engine.setRobotState(q, new Float64Array(q.length));
  rig.command.position.set(q.subarray(0, PANDA.arm_joints));
  rig.arm.reset();
  return q;
}

/** Closed fingers run against the object, side by side across the way, and back a little. */
function push(rig: EngineRig, item: ManipulationCase, at: At, low: number): void {
  const { shape } = item;
  const reach = shape.type === 'box' ? Math.hypot(shape.size[0], shape.size[1]) / 2 : shape.radius;
  const start = -(reach + 0.02);
  const yaw = wristAngle(at(start, low), item.direction_rad + Math.PI / 2);
  stand(rig, toolDown(at(start, low), yaw), 0);
  rig.grip(0, 20);
  rig.run(50);
  const end = item.distance_m - 0.02;
  moveStraight(rig, (u) => at(start + u * (end - start), low), yaw, (end - start) / item.speed_m_s);
  rig.run(50);
  moveStraight(rig, (u) => at(end - 0.03 * u, low), yaw, 0.4);
}

/** Moves the tool along a straight line from rest to rest, with a quintic profile. */
function moveStraight(rig: EngineRig, point: (u: number) => Vector3, yaw: number, duration_s: number): void {
  const { position, velocity } = rig.command;
  const steps = Math.round(duration_s / rig.engine.dt_s);
  const q = new Float64Array(rig.engine.q.length);
  for (let k = 1; k <= steps; k++) {
    const u = k / steps;
    q.set(position);
    const next = toolDown(point(u * u * u * (10 - 15 * u + 6 * u * u)), yaw, q);
    for (let j = 0; j < position.length; j++) {
      velocity[j] = (next[j] - position[j]) / rig.engine.dt_s;
      position[j] = next[j];
    }
    rig.run(1);
  }
  velocity.fill(0);
}

function pickUp(rig: EngineRig, item: ManipulationCase, at: At, low: number): void {
  const yaw = wristAngle(at(0, low), item.direction_rad);
  const q = stand(rig, toolDown(at(0, low), yaw), 0.04);
  rig.grip(0.08, item.force_N);
  rig.run(20);
  rig.grip(0, item.force_N);
  rig.run(400);
  rig.move(toolDown(at(0, low + 0.1), yaw, q), 300);
}

function putDown(rig: EngineRig, item: ManipulationCase, at: At, low: number): void {
  const yaw = wristAngle(at(0, low), item.direction_rad);
  const q = Float64Array.from([...rig.command.position, rig.engine.q[rig.engine.q.length - 1]]);
  const steps = Math.round((2 * item.distance_m) / item.speed_m_s / rig.engine.dt_s);
  const above = toolDown(at(item.distance_m, low + 0.1), yaw, q);
  rig.move(above, steps);
  const down = toolDown(at(item.distance_m, low + 0.0005), yaw, above);
  rig.move(down, 400);
  rig.run(100);
  rig.grip(0.08, item.force_N);
  rig.run(300);
  rig.move(toolDown(at(item.distance_m, low + 0.1), yaw, down), 300);
}

/** A gripper turned by half a turn is the same: of these angles the one that leaves the wrist most room. */
function wristAngle(position: Vector3, angle: number): number {
  const { position_lower, position_upper } = PANDA.limits;
  const last = PANDA.arm_joints - 1;
  const middle = (position_lower[last] + position_upper[last]) / 2;
  const turns = [angle, angle + Math.PI, angle - Math.PI, angle - 2 * Math.PI];
  const away = turns.map((yaw) => Math.abs(toolDown(position, yaw)[last] - middle));
  return turns[away.indexOf(Math.min(...away))];
}

/** How far two end states are apart: of the centre (m), and the angle between them (rad). Turns of a cylinder about its axis do not count. */
export function apart(shape: Shape, a: Float64Array, b: Float64Array): { readonly m: number; readonly rad: number } {
  const m = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  if (shape.type === 'cylinder') {
    const [u, v] = [a, b].map(([, , , x, y, z, w]) => [
      2 * (x * z + w * y),
      2 * (y * z - w * x),
      1 - 2 * (x * x + y * y),
    ]);
    const cross = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    return { m, rad: Math.atan2(Math.hypot(...cross), u[0] * v[0] + u[1] * v[1] + u[2] * v[2]) };
  }
  const dot = Math.abs(a[3] * b[3] + a[4] * b[4] + a[5] * b[5] + a[6] * b[6]);
  return { m, rad: 2 * Math.acos(Math.min(1, dot)) };
}
