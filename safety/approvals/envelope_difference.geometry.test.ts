import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import { plainArm } from '../../test/support/plain_arm.ts';
import { sweep } from '../../test/support/sweep.ts';
import { type Envelope, envelopeForRobot } from '../envelope.ts';
import type { Obstacle, ObstacleShape } from '../obstacle.ts';
import { envelopeDifference } from './envelope_difference.ts';

type Point = readonly [number, number, number];

/** A posture in motion: points along the links, by link (m, root frame), the tool, and the tool's speed (m/s). */
interface State {
  readonly links: readonly (readonly Point[])[];
  readonly tool: Point;
  readonly tool_speed_m_per_s: number;
}

const ROBOT = plainArm();
const LINK_RADIUS_M = 0.05;
const STEP_S = 1e-4;
const PLAIN = envelopeForRobot(ROBOT);

function randomStates(rng: Rng, count: number): State[] {
  const { model, home_q } = ROBOT;
  const data = new RobotData(model);
  const pose = new Float64Array(12);
  const place = (q: Float64Array): Point[] => {
    forwardKinematics(model, data, q);
    const bodies = [0, 2, 3, 4, 6].map((b): Point => [data.p[3 * b], data.p[3 * b + 1], data.p[3 * b + 2]]);
    framePose(model, data, frameIndex(model, ROBOT.tcp_frame), pose);
    return [[0, 0, 0], ...bodies, [pose[9], pose[10], pose[11]]];
  };
  return Array.from({ length: count }, () => {
    const q = home_q.map((home) => home + rng.range(-1.2, 1.2));
    const speed = rng.range(0, 2);
    const later = q.map((position) => position + STEP_S * rng.range(-speed, speed));
    const corners = place(q);
    const tool = corners[corners.length - 1];
    const then = place(later);
    const links = corners.slice(1).map((to, i) =>
      Array.from({ length: 7 }, (_, k): Point => {
        const from = corners[i];
        return [0, 1, 2].map((axis) => from[axis] + (k / 6) * (to[axis] - from[axis])) as unknown as Point;
      }),
    );
    return { links, tool, tool_speed_m_per_s: distance(tool, then[then.length - 1]) / STEP_S };
  });
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** From a point to a shape about its own centre, m; negative inside. */
function toShape([x, y, z]: Point, shape: ObstacleShape): number {
  switch (shape.type) {
    case 'box': {
      const over = [x, y, z].map((value, axis) => Math.abs(value) - shape.size[axis] / 2);
      return Math.hypot(...over.map((value) => Math.max(0, value))) + Math.min(0, Math.max(...over));
    }
    case 'sphere':
      return Math.hypot(x, y, z) - shape.radius;
    case 'cylinder': {
      const over = [Math.hypot(x, y) - shape.radius, Math.abs(z) - shape.length / 2];
      return Math.hypot(...over.map((value) => Math.max(0, value))) + Math.min(0, Math.max(...over));
    }
    case 'capsule':
      return Math.hypot(x, y, z - Math.max(-shape.length / 2, Math.min(shape.length / 2, z))) - shape.radius;
  }
}

/** A point in an obstacle's own frame: turned back by q⁻¹, as v + 2 w (u × v) + 2 u × (u × v). */
function inFrameOf({ pose: { position, orientation } }: Obstacle, point: Point): Point {
  const [ux, uy, uz, w] = [-orientation[0], -orientation[1], -orientation[2], orientation[3]];
  const v = [0, 1, 2].map((axis) => point[axis] - position[axis]);
  const c = [uy * v[2] - uz * v[1], uz * v[0] - ux * v[2], ux * v[1] - uy * v[0]];
  const d = [uy * c[2] - uz * c[1], uz * c[0] - ux * c[2], ux * c[1] - uy * c[0]];
  return [v[0] + 2 * (w * c[0] + d[0]), v[1] + 2 * (w * c[1] + d[1]), v[2] + 2 * (w * c[2] + d[2])];
}

/** Whether an envelope lets the arm be in a state, by what its fields say and nothing of the gate. */
function allows({ workspace, keep_out, clearance, tool: { speed_m_per_s } }: Envelope, state: State): boolean {
  const { links, tool, tool_speed_m_per_s } = state;
  if (speed_m_per_s !== null && tool_speed_m_per_s > speed_m_per_s) return false;
  const inBox = (axis: number) =>
    workspace === null || (tool[axis] >= workspace.lower_m[axis] && tool[axis] <= workspace.upper_m[axis]);
  if (![0, 1, 2].every(inBox)) return false;
  const apart = LINK_RADIUS_M + clearance.obstacle_m;
  for (const volume of keep_out)
    for (const point of links.flat()) if (toShape(inFrameOf(volume, point), volume.shape) < apart) return false;
  for (let i = 0; i < links.length; i++)
    for (let j = i + 3; j < links.length; j++)
      for (const a of links[i])
        for (const b of links[j]) if (distance(a, b) < 2 * LINK_RADIUS_M + clearance.self_m) return false;
  return true;
}

function randomShape(rng: Rng): ObstacleShape {
  const m = () => rng.range(0.05, 0.4);
  const shapes: readonly ObstacleShape[] = [
    { type: 'box', size: [m(), m(), m()] },
    { type: 'sphere', radius: m() / 2 },
    { type: 'cylinder', radius: m() / 2, length: m() },
    { type: 'capsule', radius: m() / 2, length: m() },
  ];
  return shapes[rng.int(shapes.length)];
}

function randomVolume(rng: Rng, id: string): Obstacle {
  const q = [0, 1, 2, 3].map(() => rng.range(-1, 1));
  const length = Math.hypot(...q);
  const [x, y, z, w] = q.map((value) => value / length);
  const position: Point = [rng.range(0.1, 0.8), rng.range(-0.6, 0.6), rng.range(0, 0.9)];
  return { id, shape: randomShape(rng), pose: { position, orientation: [x, y, z, w] }, velocity_m_per_s: [0, 0, 0] };
}

function randomEnvelope(rng: Rng): Envelope {
  const box = () => ({
    lower_m: [rng.range(-0.8, 0.2), rng.range(-0.8, -0.1), rng.range(-0.4, 0.3)] as const,
    upper_m: [rng.range(0.5, 1), rng.range(0.1, 0.8), rng.range(0.6, 1.2)] as const,
  });
  return {
    ...PLAIN,
    workspace: rng.uniform() < 0.7 ? box() : null,
    keep_out: Array.from({ length: rng.int(3) }, (_, k) => randomVolume(rng, `volume ${k}`)),
    clearance: { self_m: rng.range(0, 0.04), obstacle_m: rng.range(0, 0.05) },
    tool: { ...PLAIN.tool, speed_m_per_s: rng.uniform() < 0.7 ? rng.range(0.2, 2) : null },
  };
}

/** Another size, mostly larger; now and then something else altogether. */
function changedVolume(rng: Rng, volume: Obstacle, grows: boolean): Obstacle {
  if (rng.uniform() < 0.1) return randomVolume(rng, volume.id);
  const by = () => (grows ? rng.range(1, 1.5) : rng.range(0.7, 1.2));
  const { shape } = volume;
  switch (shape.type) {
    case 'box':
      return {
        ...volume,
        shape: { ...shape, size: [shape.size[0] * by(), shape.size[1] * by(), shape.size[2] * by()] },
      };
    case 'sphere':
      return { ...volume, shape: { ...shape, radius: shape.radius * by() } };
    case 'cylinder':
    case 'capsule':
      return { ...volume, shape: { ...shape, radius: shape.radius * by(), length: shape.length * by() } };
  }
}

/** Some fields of an envelope changed, each the way that `way` says: towards 1 tighter, towards 0 anyhow. */
function changed(rng: Rng, envelope: Envelope, way: number): Envelope {
  const take = () => rng.uniform() < 0.4;
  const tight = () => rng.uniform() < way;
  const other = randomEnvelope(rng);
  const more = (value: number, most: number) => (tight() ? value + rng.range(0, most) : rng.range(0, most));
  const { workspace, tool } = envelope;
  const smaller =
    workspace === null
      ? other.workspace
      : {
          lower_m: workspace.lower_m.map((value) => value + rng.range(0, 0.2)) as unknown as Point,
          upper_m: workspace.upper_m.map((value) => value - rng.range(0, 0.2)) as unknown as Point,
        };
  const slower = tool.speed_m_per_s === null ? other.tool.speed_m_per_s : tool.speed_m_per_s * rng.range(0.5, 1);
  const volumes = envelope.keep_out.map((volume) => (take() ? changedVolume(rng, volume, tight()) : volume));
  const kept = tight() ? volumes : volumes.slice(1);
  return {
    ...envelope,
    workspace: take() ? (tight() ? smaller : other.workspace) : workspace,
    keep_out: take() ? [...kept, randomVolume(rng, 'one more')] : kept,
    clearance: {
      self_m: take() ? more(envelope.clearance.self_m, 0.04) : envelope.clearance.self_m,
      obstacle_m: take() ? more(envelope.clearance.obstacle_m, 0.05) : envelope.clearance.obstacle_m,
    },
    tool: take() ? { ...tool, speed_m_per_s: tight() ? slower : other.tool.speed_m_per_s } : tool,
  };
}

const PAIRS = sweep(250, 500);

describe('an envelope called tighter, in space', () => {
  it('allows no state that the other refuses, over random envelopes and postures in motion', () => {
    const rng = createRng(5, 'geometry');
    const states = randomStates(rng, 80);
    const seen = { tighter: 0, narrowed: 0, untold: 0, widened: 0 };
    for (let pair = 0; pair < PAIRS; pair++) {
      const from = randomEnvelope(rng);
      const to = changed(rng, from, pair % 2 === 0 ? 1 : 0.6);
      const { tighter, fields } = envelopeDifference(from, to);
      const before = states.map((state) => allows(from, state));
      const after = states.map((state) => allows(to, state));
      const freed = states.findIndex((_, k) => after[k] && !before[k]);
      if (tighter) {
        seen.tighter++;
        if (after.some((allowed, k) => !allowed && before[k])) seen.narrowed++;
        expect(freed, `pair ${pair}: ${JSON.stringify(fields)}`).toBe(-1);
      } else {
        seen.untold++;
        if (freed !== -1) seen.widened++;
      }
    }
    // The states tell envelopes apart, both ways.
    expect(seen.tighter).toBeGreaterThan(0.2 * PAIRS);
    expect(seen.narrowed).toBeGreaterThan(0.3 * seen.tighter);
    expect(seen.widened).toBeGreaterThan(0.2 * seen.untold);
  });
});
