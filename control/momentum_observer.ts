import { forwardKinematics, GRAVITY, RobotData, type RobotModel } from '../dynamics/index.ts';

/** Joint speed over which dry friction changes its sign, rad/s. */
const STICTION = 5e-3;

export const DEFAULT_OBSERVER_GAIN_PER_S = 60;

/**
 * Estimates the joint torques of external forces from position, velocity and motor torque, without accelerations: the
 * generalised-momentum observer (De Luca, Albu-Schäffer, Haddadin, Hirzinger, "Collision detection and safe reaction with
 * the DLR-III lightweight manipulator arm", IROS 2006): r = K (p − ∫ (tau + Cᵀ q̇ − g − friction + r) dt), which follows the
 * external torque as a low pass of rate K. Momentum and Cᵀ q̇ come from the bodies' spatial momenta h about the root's
 * origin: p_i = S_iᵀ h_i and (Cᵀ q̇)_i = (v_i × S_i)ᵀ h_i with h_i summed over the joint's subtree, so that no inertia matrix
 * is formed.
 */
export class MomentumObserver {
  /** External joint torques as estimated, nq (Nm). */
  readonly residual: Float64Array;
  /**
   * Low pass, of the same rate, of what the bodies' own weights and inertial forces load each joint with, summed over
   * their absolute values, nq (Nm). Masses each wrong by a share of at most ε make the residual wrong by at most ε times it.
   */
  readonly load: Float64Array;
  readonly gain_per_s: number;
  private readonly model: RobotModel;
  private readonly data: RobotData;
  private readonly V: Float64Array;
  /** Momentum of each body, about the root's origin, angular over linear; before the step; of its subtree. */
  private readonly h: Float64Array;
  private readonly h_before: Float64Array;
  private readonly subtree: Float64Array;
  private readonly weight: Float64Array;
  private readonly weight_subtree: Float64Array;
  /** Sum of torques and forces, and the rate of it at the last step, nq. */
  private readonly integral: Float64Array;
  private readonly rate: Float64Array;
  private readonly rate_now: Float64Array;
  private readonly momentum: Float64Array;
  private readonly load_now: Float64Array;
  private started = false;

  /** @param gain_per_s  rate K of the low pass, 1/s */
  constructor(model: RobotModel, gain_per_s: number = DEFAULT_OBSERVER_GAIN_PER_S) {
    const { nb, nq } = model;
    this.model = model;
    this.gain_per_s = gain_per_s;
    this.data = new RobotData(model);
    this.residual = new Float64Array(nq);
    this.load = new Float64Array(nq);
    this.V = new Float64Array(6 * nb);
    this.h = new Float64Array(6 * nb);
    this.h_before = new Float64Array(6 * nb);
    this.subtree = new Float64Array(6 * nb);
    this.weight = new Float64Array(6 * nb);
    this.weight_subtree = new Float64Array(6 * nb);
    this.integral = new Float64Array(nq);
    this.rate = new Float64Array(nq);
    this.rate_now = new Float64Array(nq);
    this.momentum = new Float64Array(nq);
    this.load_now = new Float64Array(nq);
  }

  /** Starts anew at the next step, with nothing felt. */
  reset(): void {
    this.started = false;
    this.residual.fill(0);
    this.load.fill(0);
  }

  /**
   * One step: `q`, `v` measured at its end (rad, rad/s), `tau` (Nm) the motors' torques during it, nq each.
   * @param dt_s  length of the step
   */
  step(q: Float64Array, v: Float64Array, tau: Float64Array, dt_s: number): void {
    const { model, residual, integral, rate, rate_now, momentum, load, load_now, gain_per_s: K } = this;
    const { nq, damping, friction } = model;
    this.findMomentum(q, v);
    this.findRates();
    if (!this.started) {
      this.started = true;
      this.findLoad(0);
      for (let i = 0; i < nq; i++) {
        integral[i] = momentum[i];
        rate[i] = rate_now[i];
        load[i] = load_now[i];
      }
      this.h_before.set(this.h);
      return;
    }
    this.findLoad(1 / dt_s);
    const keep = 1 / (1 + K * dt_s);
    for (let i = 0; i < nq; i++) {
      const direction = v[i] / STICTION;
      const slip = direction > 1 ? 1 : direction < -1 ? -1 : direction;
      integral[i] += dt_s * (tau[i] + 0.5 * (rate[i] + rate_now[i]) - damping[i] * v[i] - friction[i] * slip);
      // r is part of its own integral; taken at the step's end, so that any rate is stable.
      const r = K * keep * (momentum[i] - integral[i]);
      integral[i] += dt_s * r;
      residual[i] = r;
      rate[i] = rate_now[i];
      load[i] = keep * (load[i] + K * dt_s * load_now[i]);
    }
    this.h_before.set(this.h);
  }

  /** Velocity, momentum and weight of every body, then those of the subtrees. */
  private findMomentum(q: Float64Array, v: Float64Array): void {
    const { model, data, V, h, weight, subtree, weight_subtree } = this;
    const { nb, parent, coordinate, mass } = model;
    const { S, mc, I_origin: I } = data;
    forwardKinematics(model, data, q);
    for (let b = 0; b < nb; b++) {
      const k = 6 * b;
      const t = 3 * b;
      const z = 6 * parent[b];
      const rate = v[coordinate[b]];
      for (let i = 0; i < 6; i++) V[k + i] = (z < 0 ? 0 : V[z + i]) + S[k + i] * rate;
      const w0 = V[k];
      const w1 = V[k + 1];
      const w2 = V[k + 2];
      const v0 = V[k + 3];
      const v1 = V[k + 4];
      const v2 = V[k + 5];
      const x = mc[t];
      const y = mc[t + 1];
      const c = mc[t + 2];
      const m = mass[b];
      h[k] = I[k] * w0 + I[k + 3] * w1 + I[k + 4] * w2 + y * v2 - c * v1;
      h[k + 1] = I[k + 3] * w0 + I[k + 1] * w1 + I[k + 5] * w2 + c * v0 - x * v2;
      h[k + 2] = I[k + 4] * w0 + I[k + 5] * w1 + I[k + 2] * w2 + x * v1 - y * v0;
      h[k + 3] = m * v0 - y * w2 + c * w1;
      h[k + 4] = m * v1 - c * w0 + x * w2;
      h[k + 5] = m * v2 - x * w1 + y * w0;
      weight[k] = y * GRAVITY[2] - c * GRAVITY[1];
      weight[k + 1] = c * GRAVITY[0] - x * GRAVITY[2];
      weight[k + 2] = x * GRAVITY[1] - y * GRAVITY[0];
      for (let i = 0; i < 3; i++) weight[k + 3 + i] = m * GRAVITY[i];
    }
    subtree.set(h);
    weight_subtree.set(weight);
    for (let b = nb - 1; b >= 0; b--) {
      if (parent[b] < 0) continue;
      const z = 6 * parent[b];
      for (let i = 0; i < 6; i++) {
        subtree[z + i] += subtree[6 * b + i];
        weight_subtree[z + i] += weight_subtree[6 * b + i];
      }
    }
  }

  /** Momentum of every coordinate, and Cᵀ q̇ − g. */
  private findRates(): void {
    const { model, data, V, subtree: H, weight_subtree: W, momentum, rate_now } = this;
    const { nb, coordinate } = model;
    const { S } = data;
    momentum.fill(0);
    rate_now.fill(0);
    for (let b = 0; b < nb; b++) {
      const k = 6 * b;
      let p = 0;
      let g = 0;
      for (let i = 0; i < 6; i++) {
        p += S[k + i] * H[k + i];
        g += S[k + i] * W[k + i];
      }
      const w0 = V[k];
      const w1 = V[k + 1];
      const w2 = V[k + 2];
      const v0 = V[k + 3];
      const v1 = V[k + 4];
      const v2 = V[k + 5];
      const s0 = S[k];
      const s1 = S[k + 1];
      const s2 = S[k + 2];
      const s3 = S[k + 3];
      const s4 = S[k + 4];
      const s5 = S[k + 5];
      const c =
        (w1 * s2 - w2 * s1) * H[k] +
        (w2 * s0 - w0 * s2) * H[k + 1] +
        (w0 * s1 - w1 * s0) * H[k + 2] +
        (w1 * s5 - w2 * s4 + v1 * s2 - v2 * s1) * H[k + 3] +
        (w2 * s3 - w0 * s5 + v2 * s0 - v0 * s2) * H[k + 4] +
        (w0 * s4 - w1 * s3 + v0 * s1 - v1 * s0) * H[k + 5];
      momentum[coordinate[b]] += p;
      rate_now[coordinate[b]] += c + g;
    }
  }

  /** Of every coordinate the sum over bodies of |Sᵀ (ḣ − weight)|; ḣ by the difference over the step. */
  private findLoad(hz: number): void {
    const { model, data, h, h_before, weight, load_now } = this;
    const { nb, parent, coordinate } = model;
    const { S } = data;
    load_now.fill(0);
    for (let b = 0; b < nb; b++) {
      const k = 6 * b;
      const f0 = hz * (h[k] - h_before[k]) - weight[k];
      const f1 = hz * (h[k + 1] - h_before[k + 1]) - weight[k + 1];
      const f2 = hz * (h[k + 2] - h_before[k + 2]) - weight[k + 2];
      const f3 = hz * (h[k + 3] - h_before[k + 3]) - weight[k + 3];
      const f4 = hz * (h[k + 4] - h_before[k + 4]) - weight[k + 4];
      const f5 = hz * (h[k + 5] - h_before[k + 5]) - weight[k + 5];
      for (let j = b; j >= 0; j = parent[j]) {
        const s = 6 * j;
        const torque = S[s] * f0 + S[s + 1] * f1 + S[s + 2] * f2 + S[s + 3] * f3 + S[s + 4] * f4 + S[s + 5] * f5;
        load_now[coordinate[j]] += torque < 0 ? -torque : torque;
      }
    }
  }
}
