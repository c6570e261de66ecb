import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { CameraModel } from '../camera_model.ts';
import { CAMERA_ERRORS } from './camera_uncertainty.ts';
import { convexHull } from './convex_hull.ts';
import { EDGE, type RegionEvidence } from './region_evidence.ts';
import { type ShapeFit, ShapeFitter } from './shape_fit.ts';
import { BoxModel, CylinderModel, type ShapeModel } from './shape_model.ts';

/** 320×240, 50° across, at (0.95, 0, 0.69), looking at (0.55, 0, 0). */
function overview(): CameraModel {
  const length = Math.hypot(0.4, 0.69);
  const z = [-0.4 / length, 0, -0.69 / length];
  const f = 160 / Math.tan((25 * Math.PI) / 180);
  return new CameraModel({
    K: [f, 0, 159.5, 0, f, 119.5, 0, 0, 1],
    D: [0, 0, 0, 0, 0],
    T_world_camera_optical: [0, z[2], z[0], 0.95, 1, 0, 0, 0, 0, -z[0], z[2], 0.69, 0, 0, 0, 1],
  });
}

interface Seen {
  readonly edge_px?: number;
  readonly depth_m?: number;
  /** Keeps an edge point of this place (pixels about the axis) as the object's own. */
  readonly own?: (x: number, y: number) => boolean;
}

/** What a camera sees of a shape: its outline, moved across by noise, and depths of rays that meet it. */
function see(model: ShapeModel, camera: CameraModel, p: Float64Array, rng: Rng, seen: Seen = {}): RegionEvidence {
  model.place(camera, p);
  const hull = convexHull(model.points);
  const points: number[] = [];
  const kinds: number[] = [];
  for (let i = 0; i < hull.length; i += 2) {
    const j = (i + 2) % hull.length;
    const [dx, dy] = [hull[j] - hull[i], hull[j + 1] - hull[i + 1]];
    const length = Math.hypot(dx, dy);
    for (let s = rng.uniform(); s < length; s++) {
      const off = (seen.edge_px ?? 0) * rng.normal();
      const [x, y] = [hull[i] + (dx * s + dy * off) / length, hull[i + 1] + (dy * s - dx * off) / length];
      const own = seen.own?.(x, y) ?? true;
      // what hides an edge ends the mask before it
      points.push(own ? x : x + 0.2 * (meanOf(hull, 0) - x), own ? y : y + 0.2 * (meanOf(hull, 1) - y));
      kinds.push(own ? EDGE.own : EDGE.reach);
    }
  }
  const { T } = camera;
  const eye = Float64Array.of(T[3], T[7], T[11]);
  const rays: number[] = [];
  const depths: number[] = [];
  const [cx, cy] = [meanOf(hull, 0), meanOf(hull, 1)];
  for (let k = 0; k < 60; k++) {
    const i = 2 * rng.int(hull.length / 2);
    const t = rng.uniform();
    const [x, y] = [(cx + t * 0.8 * (hull[i] - cx)) / camera.fx, (cy + t * 0.8 * (hull[i + 1] - cy)) / camera.fy];
    const ray = Float64Array.from([0, 1, 2], (r) => T[4 * r] * x + T[4 * r + 1] * y + T[4 * r + 2]);
    const depth = model.enter(eye, ray, 0, p);
    if (Number.isNaN(depth)) continue;
    rays.push(...ray);
    depths.push(depth + (seen.depth_m ?? 0) * rng.normal());
  }
  return {
    points: Float64Array.from(points),
    kinds: Uint8Array.from(kinds),
    trust: new Float64Array(kinds.length).fill(1),
    edges: kinds.length,
    own: kinds.filter((kind) => kind === EDGE.own).length,
    hidden: kinds.filter((kind) => kind === EDGE.reach).length,
    rays: Float64Array.from(rays),
    depths: Float64Array.from(depths),
    weights: new Float64Array(depths.length).fill(1 / 0.001),
    samples: depths.length,
    noise_at_1m: 0.001,
    top_m: p[p.length - 2],
    support_m: p[p.length - 1],
    support_sigma_m: 0.0005,
  };
}

function meanOf(hull: Float64Array, axis: number): number {
  let sum = 0;
  for (let i = axis; i < hull.length; i += 2) sum += hull[i];
  return (2 * sum) / hull.length;
}

const box = (rng: Rng): Float64Array =>
  Float64Array.of(
    rng.range(0.38, 0.66),
    rng.range(-0.26, 0.26),
    rng.range(-3, 3),
    rng.range(0.03, 0.06),
    rng.range(0.03, 0.06),
    rng.range(0.03, 0.06),
    rng.range(0, 0.004),
  );
const cylinder = (rng: Rng): Float64Array =>
  Float64Array.of(rng.range(0.38, 0.66), rng.range(-0.26, 0.26), rng.range(0.015, 0.03), rng.range(0.03, 0.06), 0);

const SHAPES = [
  ['box', () => new BoxModel(), box, [0.003, -0.003, 0.08, -0.004, 0.004, 0.001, 0]],
  ['cylinder', () => new CylinderModel(), cylinder, [-0.004, 0.003, 0.003, 0.001, 0]],
] as const;
const YAW = 2;

describe.each(SHAPES)('a %s fitted to a silhouette and depths', (_, create, draw, away) => {
  const camera = overview();
  const fitter = new ShapeFitter(create());
  const fitted = (evidence: RegionEvidence, start: Float64Array, eye = camera): ShapeFit =>
    fitter.fit(
      eye,
      evidence,
      [],
      start.map((value, k) => value + away[k]),
    );

  it('is the true one for exact outlines, from a start that is off', () => {
    const seed = 6;
    const rng = createRng(seed).stream('shape');
    for (let trial = 0; trial < 60; trial++) {
      const truth = draw(rng);
      const found = fitted(see(create(), camera, truth, rng), truth);
      for (let k = 0; k < truth.length; k++) {
        const error = Math.abs(found.parameters[k] - truth[k]);
        expect(error, `seed ${seed} trial ${trial} parameter ${k}`).toBeLessThan(
          truth.length === 7 && k === YAW ? 5e-3 : 2e-4,
        );
      }
      expect(found.rms, `seed ${seed} trial ${trial}`).toBeLessThan(0.02);
    }
  });

  it('turns with the world', () => {
    const seed = 9;
    const rng = createRng(seed).stream('turn');
    for (let trial = 0; trial < 15; trial++) {
      const truth = draw(rng);
      const angle = rng.range(-3, 3);
      const evidence = see(create(), camera, truth, rng, { edge_px: 0.2, depth_m: 0.001 });
      const turn = turnedWorld(camera, evidence, angle);
      const a = fitted(evidence, truth);
      const b = fitted(turn.evidence, turned(truth, angle), turn.camera);
      const expected = turned(a.parameters, angle);
      for (let k = 0; k < truth.length; k++) {
        expect(Math.abs(b.parameters[k] - expected[k]), `seed ${seed} trial ${trial} ${k}`).toBeLessThan(
          3e-4 * (k === YAW ? 20 : 1),
        );
      }
    }
  });

  it('is off by as much as its cofactors say, under independent noise', () => {
    const seed = 8;
    const rng = createRng(seed).stream('noise');
    const squares = new Float64Array(away.length);
    const trials = 80;
    // edges count a third in the fit, for what goes together in a picture and does not here
    const edge_px = 0.3;
    for (let trial = 0; trial < trials; trial++) {
      const truth = draw(rng);
      const found = fitted(see(create(), camera, truth, rng, { edge_px, depth_m: 0.001 }), truth);
      for (let k = 0; k < truth.length; k++) {
        squares[k] += (found.parameters[k] - truth[k]) ** 2 / found.cofactor[k * (truth.length + 1)] / trials;
      }
    }
    for (const k of [0, 1, YAW]) {
      expect(squares[k], `seed ${seed} parameter ${k}`).toBeGreaterThan(0.1);
      expect(squares[k], `seed ${seed} parameter ${k}`).toBeLessThan(1.4);
    }
  });

  it('moves with the errors of the camera as it says', () => {
    const seed = 10;
    const rng = createRng(seed).stream('camera');
    const steps = [1e-4, 1e-4, 1e-4, 2e-4, 2e-4, 2e-4];
    for (let trial = 0; trial < 6; trial++) {
      const truth = draw(rng);
      const evidence = see(create(), camera, truth, rng);
      const found = fitted(evidence, truth);
      for (let error = 0; error < steps.length; error++) {
        const moved = camera.moved(Float64Array.from(steps, (step, k) => (k === error ? step : 0)));
        const again = fitted(seenBy(moved, camera, evidence), found.parameters, moved);
        for (const k of [0, 1]) {
          const measured = (again.parameters[k] - found.parameters[k]) / steps[error];
          const said = found.camera[k * CAMERA_ERRORS + error];
          expect(
            Math.abs(measured - said),
            `seed ${seed} trial ${trial} error ${error} parameter ${k}: ${measured} ${said}`,
          ).toBeLessThan(0.15 * Math.max(0.3, Math.abs(said)));
        }
      }
    }
  });

  it('hardly follows edges that were guessed, where others and depths tell', () => {
    const seed = 13;
    const rng = createRng(seed).stream('guessed');
    let [believed, guessed] = [0, 0];
    for (let trial = 0; trial < 20; trial++) {
      const truth = draw(rng);
      const evidence = see(create(), camera, truth, rng, { depth_m: 0.0005 });
      const { points, edges } = evidence;
      const middle = meanOf(points.subarray(0, 2 * edges), 0);
      const trust = new Float64Array(edges).fill(1);
      const moved = points.slice();
      for (let e = 0; e < edges; e++) {
        if (points[2 * e] < middle + 6) continue;
        moved[2 * e] += 4;
        trust[e] = 0.12;
      }
      const off = ({ parameters: p }: ShapeFit) => Math.hypot(p[0] - truth[0], p[1] - truth[1]);
      believed += off(fitted({ ...evidence, points: moved }, truth));
      guessed += off(fitted({ ...evidence, points: moved, trust }, truth));
    }
    expect(guessed, `seed ${seed}`).toBeLessThan(0.8 * believed);
  });

  it('does not shrink to a mask whose lower edges are hidden', () => {
    const seed = 12;
    const rng = createRng(seed).stream('hidden');
    let [hidden, shown] = [0, 0];
    for (let trial = 0; trial < 30; trial++) {
      const truth = draw(rng);
      const model = create();
      model.place(camera, truth);
      const middle = meanOf(convexHull(model.points), 1);
      const evidence = see(model, camera, truth, rng, { own: (_x, y) => y < middle + 2, depth_m: 0.0005 });
      expect(evidence.hidden).toBeGreaterThan(5);
      const found = fitted(evidence, truth);
      const whole = fitted(see(create(), camera, truth, rng, { depth_m: 0.0005 }), truth);
      const off = Math.hypot(found.parameters[0] - truth[0], found.parameters[1] - truth[1]);
      expect(off, `seed ${seed} trial ${trial}`).toBeLessThan(0.004);
      hidden += found.cofactor[0];
      shown += whole.cofactor[0];
    }
    expect(hidden, `seed ${seed}`).toBeGreaterThan(shown);
  });
});

/** Parameters of a shape after a turn of the world about the origin's vertical. */
function turned(p: Float64Array, angle: number): Float64Array {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const out = p.slice();
  out[0] = c * p[0] - s * p[1];
  out[1] = s * p[0] + c * p[1];
  if (p.length === 7) out[YAW] += angle;
  return out;
}

function turnedWorld(
  camera: CameraModel,
  evidence: RegionEvidence,
  angle: number,
): { camera: CameraModel; evidence: RegionEvidence } {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const T = [...camera.T];
  for (let k = 0; k < 4; k++) {
    T[k] = c * camera.T[k] - s * camera.T[4 + k];
    T[4 + k] = s * camera.T[k] + c * camera.T[4 + k];
  }
  const rays = evidence.rays.slice();
  for (let i = 0; i < rays.length; i += 3) {
    rays[i] = c * evidence.rays[i] - s * evidence.rays[i + 1];
    rays[i + 1] = s * evidence.rays[i] + c * evidence.rays[i + 1];
  }
  const K = [camera.fx, 0, camera.cx, 0, camera.fy, camera.cy, 0, 0, 1];
  return {
    camera: new CameraModel({ K, D: [0, 0, 0, 0, 0], T_world_camera_optical: T }),
    evidence: { ...evidence, rays },
  };
}

/** The same pixels and depths read by a camera that is elsewhere; the support is read by it too. */
function seenBy(moved: CameraModel, before: CameraModel, evidence: RegionEvidence): RegionEvidence {
  const rays = evidence.rays.slice();
  const [A, B] = [before.T, moved.T];
  let shift = 0;
  for (let i = 0; i < rays.length; i += 3) {
    const d = [0, 1, 2].map(
      (k) => A[k] * evidence.rays[i] + A[4 + k] * evidence.rays[i + 1] + A[8 + k] * evidence.rays[i + 2],
    );
    for (let r = 0; r < 3; r++) rays[i + r] = B[4 * r] * d[0] + B[4 * r + 1] * d[1] + B[4 * r + 2] * d[2];
    shift += (B[11] - A[11] + (rays[i + 2] - evidence.rays[i + 2]) * evidence.depths[i / 3]) / evidence.samples;
  }
  return { ...evidence, rays, support_m: evidence.support_m + shift };
}
