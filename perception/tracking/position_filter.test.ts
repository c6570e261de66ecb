import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { DEFAULT_MOTION, type MotionModel, PositionFilter } from './position_filter.ts';

/** A positive definite 3×3 with deviations of some millimetres, and its Cholesky factor. */
function drawCovariance(rng: Rng): { R: Float64Array; L: number[] } {
  const L = [rng.range(1, 3), 0, 0, rng.normal(), rng.range(1, 3), 0, rng.normal(), rng.normal(), rng.range(1, 3)];
  const R = new Float64Array(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) R[3 * i + j] += 1e-6 * L[3 * i + k] * L[3 * j + k];
  return { R, L: L.map((value) => value / 1000) };
}
const along = (L: readonly number[], u: readonly number[], scale: number) =>
  [0, 1, 2].map((i) => scale * (L[3 * i] * u[0] + L[3 * i + 1] * u[1] + L[3 * i + 2] * u[2]));
const normals = (rng: Rng) => [rng.normal(), rng.normal(), rng.normal()];

/** (x − truth)ᵀ P⁻¹ (x − truth) of the position. */
function nees({ x, P }: PositionFilter, truth: readonly number[]): number {
  const probe = new PositionFilter({ ...DEFAULT_MOTION, persistent: 0 });
  const C = Float64Array.from({ length: 9 }, (_, k) => P[6 * Math.floor(k / 3) + (k % 3)]);
  probe.start('none', x.subarray(0, 3), C);
  // Half of S = P + R with R = P.
  return 2 * probe.distance('other', truth, C);
}

interface Run {
  readonly model: MotionModel;
  /** What the truth's share of lasting error is; the filter believes `model.persistent`. */
  readonly lasting: number;
  readonly moving: boolean;
  readonly cameras: readonly string[];
}

/** Mean NEES of the last of 40 pictures over many things. */
function meanNees(seed: number, { model, lasting, moving, cameras }: Run, things = 400): number {
  let sum = 0;
  for (let k = 0; k < things; k++) {
    const rng = createRng(seed, `thing/${k}`);
    const truth = normals(rng).map((value) => value / 3);
    const v = moving ? normals(rng).map((value) => value * model.speed_mps) : [0, 0, 0];
    const of = new Map(cameras.map((name) => [name, { ...drawCovariance(rng), u: normals(rng) }]));
    const filter = new PositionFilter(model);
    for (let picture = 0; picture < 40; picture++) {
      const camera = cameras[picture % cameras.length];
      const { R, L, u } = of.get(camera) ?? expect.fail('no camera');
      const stays = along(L, u, Math.sqrt(lasting));
      const fresh = along(L, normals(rng), Math.sqrt(1 - lasting));
      if (picture > 0) {
        const dt = 0.1;
        for (let i = 0; i < 3; i++) {
          truth[i] += v[i] * dt;
          if (moving) v[i] += rng.normal() * Math.sqrt(model.motion_density * dt);
          else truth[i] += rng.normal() * Math.sqrt(model.rest_density * dt);
        }
        filter.predict(dt);
      }
      const z = truth.map((value, i) => value + stays[i] + fresh[i]);
      if (picture === 0) {
        filter.start(camera, z, R);
        if (moving) filter.startMoving(0);
      } else filter.update(camera, z, R);
    }
    sum += nees(filter, truth);
  }
  return sum / things;
}

/** 99.9 % interval of the mean of n chi-squared values of 3 degrees (normal approximation). */
const bounds = (n: number) => [3 - 3.29 * Math.sqrt(6 / n), 3 + 3.29 * Math.sqrt(6 / n)] as const;

describe('position filter', () => {
  it('states its error as it is, at rest: NEES is chi-squared with 3 degrees', () => {
    const [low, high] = bounds(400);
    for (const persistent of [0, 0.5, 0.9]) {
      for (const cameras of [['overview'], ['overview', 'wrist']]) {
        const run = { model: { ...DEFAULT_MOTION, persistent }, lasting: persistent, moving: false, cameras };
        const mean = meanNees(91, run);
        expect(mean, `seed 91, persistent ${persistent}, ${cameras.join(' ')}`).toBeGreaterThan(low);
        expect(mean, `seed 91, persistent ${persistent}, ${cameras.join(' ')}`).toBeLessThan(high);
      }
    }
  });

  it('and in motion, where errors that stay fade with the way', () => {
    const run = {
      model: { ...DEFAULT_MOTION, persistent: 0 },
      lasting: 0,
      moving: true,
      cameras: ['overview', 'wrist'],
    };
    const [low, high] = bounds(400);
    expect(meanNees(92, run)).toBeGreaterThan(low);
    expect(meanNees(92, run)).toBeLessThan(high);
  });

  it('would be far too sure if it averaged the mounting of a camera away', () => {
    const run = { model: { ...DEFAULT_MOTION, persistent: 0 }, lasting: 0.9, moving: false, cameras: ['overview'] };
    expect(meanNees(93, run, 100)).toBeGreaterThan(20);
  });

  it('is never surer than one camera allows, and surer with two', () => {
    const rng = createRng(94, 'floor');
    for (let round = 0; round < 200; round++) {
      const { R } = drawCovariance(rng);
      const one = new PositionFilter({ ...DEFAULT_MOTION, rest_density: 0 });
      one.start('overview', [0, 0, 0], R);
      for (let k = 0; k < 50; k++)
        one.update(
          'overview',
          normals(rng).map((value) => value / 1e3),
          R,
        );
      for (let i = 0; i < 3; i++) expect(one.P[7 * i]).toBeGreaterThan(0.9 * R[4 * i] * (1 - 1e-6));
      one.update('wrist', [0, 0, 0], R);
      for (let i = 0; i < 3; i++) expect(one.P[7 * i]).toBeLessThan(0.9 * R[4 * i]);
    }
  });

  it('keeps a symmetric covariance without negative directions, whatever happens', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const rng = createRng(seed, 'whatever');
      const filter = new PositionFilter();
      filter.start('overview', [0, 0, 0], drawCovariance(rng).R);
      for (let k = 0; k < 150; k++) {
        const what = rng.int(6);
        if (what === 0) filter.startMoving(0.1 * rng.uniform());
        else if (what === 1) filter.stopMoving();
        else if (what === 2) filter.decorrelate(rng.uniform() < 0.5 ? null : 'wrist', rng.uniform());
        else if (what === 3) filter.predict(rng.uniform());
        else filter.update(rng.uniform() < 0.5 ? 'overview' : 'wrist', normals(rng), drawCovariance(rng).R);
        let whole = true;
        for (let i = 0; i < 6; i++) {
          for (let j = 0; j < 6; j++) {
            const [a, b] = [filter.P[6 * i + j], filter.P[6 * j + i]];
            whole &&= Math.abs(a - b) < 1e-9 && a * a <= filter.P[7 * i] * filter.P[7 * j] * 1.0001 + 1e-18;
          }
        }
        if (!whole) expect.fail(`seed ${seed}, step ${k}: ${filter.P.join(' ')}`);
      }
    }
  });

  it('does what the equations say, as numpy does them', async (ctx) => {
    const environment = await pythonEnvironment('statistics', ['numpy==2.2.6', 'scipy==1.15.3']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'numpy', missing, missing === '');
    if (!('python' in environment)) return;
    const seed = 95;
    const rng = createRng(seed, 'numpy');
    const { R: R0 } = drawCovariance(rng);
    const steps = Array.from({ length: 60 }, (_, k) => {
      const { R } = drawCovariance(rng);
      const camera = rng.int(2);
      return { camera, R: [...R], z: normals(rng).map((value) => value / 100), dt: rng.uniform() / 5, start: k === 20 };
    });
    const filter = new PositionFilter();
    filter.start('0', [0.1, 0.2, 0.3], R0);
    const ours = steps.map(({ camera, R, z, dt, start }) => {
      if (start) filter.startMoving(0.1);
      filter.predict(dt);
      const d2 = filter.update(String(camera), z, Float64Array.from(R));
      return { d2, x: [...filter.x], P: [...filter.P] };
    });
    // Joseph's form over the whole state (position, velocity, both persistent errors), the gain of the latter set to 0.
    const program = `import json,sys,numpy as np
d = json.load(sys.stdin); m = d['model']; out = []
R0 = np.array(d['R0']).reshape(3,3); x = np.zeros(6); x[:3] = [0.1,0.2,0.3]
P = np.zeros((12,12)); P[:3,:3] = R0; P[6:,6:] = np.eye(6)
G = np.linalg.cholesky(m['persistent']*R0); P[:3,6:9] = -G; P[6:9,:3] = -G.T
moving = False
for s in d['steps']:
    dt = s['dt']
    if s['start']:
        moving = True; v = m['speed_mps']**2; P[3:6,3:6] = v*np.eye(3); P[:3,:3] += v*0.01*np.eye(3)
        P[:3,3:6] = v*0.1*np.eye(3); P[3:6,:3] = v*0.1*np.eye(3)
    F = np.eye(12); Q = np.zeros((12,12))
    if moving:
        F[:3,3:6] = dt*np.eye(3); q = m['motion_density']
        Q[:3,:3] = q*dt**3/3*np.eye(3); Q[:3,3:6] = q*dt**2/2*np.eye(3); Q[3:6,:3] = Q[:3,3:6]; Q[3:6,3:6] = q*dt*np.eye(3)
    else: Q[:3,:3] = m['rest_density']*dt*np.eye(3)
    x = F[:6,:6] @ x; P = F @ P @ F.T + Q
    if moving:
        keep = np.exp(-dt*np.linalg.norm(x[3:])/m['decorrelation_m']); P[:6,6:] *= keep; P[6:,:6] *= keep
    R = np.array(s['R']).reshape(3,3); G = np.linalg.cholesky(m['persistent']*R)
    H = np.zeros((3,12)); H[:,:3] = np.eye(3); c = 6+3*s['camera']; H[:,c:c+3] = G
    V = (1-m['persistent'])*R; S = H @ P @ H.T + V; r = np.array(s['z'])-x[:3]
    K = P @ H.T @ np.linalg.inv(S); K[6:] = 0
    x = x + K[:6] @ r; A = np.eye(12)-K @ H; P = A @ P @ A.T + K @ V @ K.T
    out.append({'d2': float(r @ np.linalg.solve(S,r)), 'x': x.tolist(), 'P': P[:6,:6].flatten().tolist()})
print(json.dumps(out))`;
    const input = JSON.stringify({ model: DEFAULT_MOTION, R0: [...R0], steps });
    const theirs: unknown = JSON.parse(execFileSync(environment.python, ['-c', program], { input, encoding: 'utf8' }));
    if (!Array.isArray(theirs)) return expect.fail('no answer');
    ours.forEach(({ d2, x, P }, k) => {
      const say = `seed ${seed}, step ${k}`;
      expect(Math.abs(d2 / theirs[k].d2 - 1), say).toBeLessThan(1e-6);
      x.forEach((value, i) => {
        expect(Math.abs(value - theirs[k].x[i]), say).toBeLessThan(1e-9);
      });
      P.forEach((value, i) => {
        expect(Math.abs(value - theirs[k].P[i]), say).toBeLessThan(1e-10);
      });
    });
  }, 600_000);
});
