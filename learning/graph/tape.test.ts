import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { adamRate, addAdam } from './adam.ts';
import { elements, type Value } from './graph.ts';
import { Tape } from './tape.ts';

/** A float64 tensor of the reference. */
interface Array4 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

interface Kernel {
  readonly k: 1 | 3;
  readonly stride: 1 | 2;
  readonly height: number;
  readonly width: number;
  readonly dilation?: number;
}

type Leaves = Readonly<Record<string, readonly number[]>>;

/** Builds the loss in a graph and, independently, in float64; compares all gradients with finite differences of the latter. */
async function checkGradients(
  seed: number,
  leaves: Leaves,
  build: (tape: Tape, leaf: Readonly<Record<string, Value>>) => Value,
  reference: (leaf: Readonly<Record<string, Array4>>) => number,
): Promise<number> {
  const rng = createRng(seed);
  const tape = new Tape();
  const names = Object.keys(leaves);
  const values = Object.fromEntries(names.map((name) => [name, tape.graph.input(name, 'float32', leaves[name])]));
  const loss = build(tape, values);
  const gradients = tape.gradients(
    loss,
    names.map((name) => values[name]),
  );
  tape.graph.output('loss', loss);
  for (const [i, name] of names.entries()) tape.graph.output(`d_${name}`, gradients[i]);
  const data = Object.fromEntries(
    names.map((name) => [name, Float32Array.from({ length: elements(leaves[name]) }, () => 0.6 * rng.normal())]),
  );
  const session = await InferenceSession.create(tape.graph.encode('check'), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(names.map((name) => [name, new Tensor('float32', data[name], [...leaves[name]])]));
  const result = await session.run(feeds);
  const exact = Object.fromEntries(
    names.map((name) => [name, { shape: leaves[name], data: Float64Array.from(data[name]) }]),
  );
  expect(Number(result.loss.data[0])).toBeCloseTo(reference(exact), 4);
  let worst = 0;
  for (const name of names) {
    const at = exact[name].data;
    const numeric = at.map((value, i) => {
      const h = 1e-5;
      at[i] = value + h;
      const up = reference(exact);
      at[i] = value - h;
      const down = reference(exact);
      at[i] = value;
      return (up - down) / (2 * h);
    });
    const size = Math.sqrt(numeric.reduce((sum, d) => sum + d * d, 0));
    const off = Math.sqrt(numeric.reduce((sum, d, i) => sum + (d - Number(result[`d_${name}`].data[i])) ** 2, 0));
    worst = Math.max(worst, off / Math.max(size, 1e-6));
  }
  return worst;
}

describe('gradients appended to a graph', () => {
  it.each([
    { k: 3, stride: 1, height: 5, width: 6 },
    { k: 3, stride: 1, height: 6, width: 7, dilation: 2 },
    { k: 3, stride: 1, height: 4, width: 5, dilation: 3 },
    { k: 3, stride: 2, height: 6, width: 8 },
    { k: 3, stride: 2, height: 7, width: 5 },
    { k: 1, stride: 1, height: 4, width: 3 },
  ] as const satisfies readonly Kernel[])(
    'of convolutions, $k x $k stride $stride dilation $dilation, equal float64 finite differences',
    async ({ k, stride, height, width, dilation = 1 }: Kernel) => {
      const leaves = { x: [2, 3, height, width], w: [4, 3, k, k], b: [4], w2: [2, 4, 1, 1], b2: [2] };
      const worst = await checkGradients(
        11,
        leaves,
        (t, { x, w, b, w2, b2 }) => {
          const y = t.conv(t.tanh(t.conv(x, w, b, { stride, dilation })), w2, b2);
          return t.reshape(t.sum(t.mul(y, y), [0, 1, 2, 3]), [1]);
        },
        ({ x, w, b, w2, b2 }) =>
          sum(conv(map(conv(x, w, b, stride, dilation), Math.tanh), w2, b2, 1).data.map((v) => v * v)),
      );
      expect(worst).toBeLessThan(2e-5);
    },
  );

  it('of softmax, exponent, quotient and broadcast sums equal float64 finite differences', async () => {
    const worst = await checkGradients(
      12,
      { x: [2, 3, 4, 5], y: [1, 3, 1, 1], z: [2, 1, 4, 5] },
      (t, { x, y, z }) => {
        const p = t.exp(t.logSoftmax(t.add(t.mul(t.mul(x, y), z), y)));
        const dice = t.div(t.sum(t.mul(p, x), [0, 2, 3]), t.add(t.sum(p, [0, 2, 3]), t.constant(1)));
        return t.reshape(t.sum(t.sub(dice, t.mul(y, y)), [0, 1, 2, 3]), [1]);
      },
      ({ x, y, z }) => {
        let total = 0;
        const p = new Float64Array(120);
        for (let n = 0; n < 2; n++) {
          for (let q = 0; q < 20; q++) {
            const e = [0, 1, 2].map((c) =>
              Math.exp(x.data[(n * 3 + c) * 20 + q] * y.data[c] * z.data[n * 20 + q] + y.data[c]),
            );
            const norm = e[0] + e[1] + e[2];
            for (let c = 0; c < 3; c++) p[(n * 3 + c) * 20 + q] = e[c] / norm;
          }
        }
        for (let c = 0; c < 3; c++) {
          let [top, bottom] = [0, 1];
          for (let n = 0; n < 2; n++) {
            for (let q = 0; q < 20; q++) {
              top += p[(n * 3 + c) * 20 + q] * x.data[(n * 3 + c) * 20 + q];
              bottom += p[(n * 3 + c) * 20 + q];
            }
          }
          total += top / bottom - y.data[c] ** 2;
        }
        return total;
      },
    );
    expect(worst).toBeLessThan(2e-5);
  });

  it('of roots of squares, a smooth distance, equal float64 finite differences', async () => {
    const worst = await checkGradients(
      15,
      { x: [2, 2, 3, 4], y: [2, 1, 3, 4] },
      (t, { x, y }) => {
        const d = t.sub(x, y);
        const distance = t.sqrt(t.add(t.sum(t.mul(d, d), [1]), t.constant(0.01)));
        return t.reshape(t.sum(t.mul(distance, y), [0, 1, 2, 3]), [1]);
      },
      ({ x, y }) => {
        let total = 0;
        for (let n = 0; n < 2; n++) {
          for (let q = 0; q < 12; q++) {
            const d = [0, 1].map((c) => x.data[(2 * n + c) * 12 + q] - y.data[12 * n + q]);
            total += y.data[12 * n + q] * Math.sqrt(d[0] ** 2 + d[1] ** 2 + 0.01);
          }
        }
        return total;
      },
    );
    expect(worst).toBeLessThan(2e-5);
  });

  it('of concatenation and depth-to-space equal float64 finite differences', async () => {
    const worst = await checkGradients(
      13,
      { x: [1, 8, 2, 3], y: [1, 2, 4, 6], w: [1, 4, 4, 6] },
      (t, { x, y, w }) => {
        const joined = t.concat([t.depthToSpace(x, 2), y]);
        return t.reshape(t.sum(t.mul(t.mul(joined, joined), w), [0, 1, 2, 3]), [1]);
      },
      ({ x, y, w }) => {
        let total = 0;
        for (let c = 0; c < 4; c++) {
          for (let v = 0; v < 4; v++) {
            for (let u = 0; u < 6; u++) {
              const block = (v % 2) * 2 + (u % 2);
              const value =
                c < 2 ? x.data[(block * 2 + c) * 6 + (v >> 1) * 3 + (u >> 1)] : y.data[((c - 2) * 4 + v) * 6 + u];
              total += value * value * w.data[(c * 4 + v) * 6 + u];
            }
          }
        }
        return total;
      },
    );
    expect(worst).toBeLessThan(2e-5);
  });

  it('of doubling equal float64 finite differences', async () => {
    const worst = await checkGradients(
      16,
      { x: [2, 3, 2, 3], w: [2, 3, 4, 6] },
      (t, { x, w }) => {
        const y = t.double(x);
        return t.reshape(t.sum(t.mul(t.mul(y, y), w), [0, 1, 2, 3]), [1]);
      },
      ({ x, w }) => {
        const at = (i: number): number => Math.floor(i / 24) * 6 + Math.floor((i % 24) / 12) * 3 + ((i % 6) >> 1);
        return sum(w.data.map((value, i) => value * x.data[at(i)] ** 2));
      },
    );
    expect(worst).toBeLessThan(2e-5);
  });

  it('of dense layers and rectifiers equal float64 finite differences', async () => {
    const worst = await checkGradients(
      14,
      { x: [3, 5], w: [5, 4], b: [4], w2: [4, 2], b2: [2] },
      (t, { x, w, b, w2, b2 }) => {
        const y = t.dense(t.relu(t.dense(x, w, b)), w2, b2);
        return t.reshape(t.sum(t.mul(y, y), [0, 1]), [1]);
      },
      ({ x, w, b, w2, b2 }) =>
        sum(
          dense(
            map(dense(x, w, b), (v) => Math.max(0, v)),
            w2,
            b2,
          ).data.map((v) => v * v),
        ),
    );
    expect(worst).toBeLessThan(2e-5);
  });

  it('refuses a loss of many numbers and a target it does not depend on', () => {
    const tape = new Tape();
    const x = tape.graph.input('x', 'float32', [2]);
    const y = tape.graph.input('y', 'float32', [1]);
    expect(() => tape.gradients(tape.mul(x, x), [x])).toThrow(/\[2\]/);
    expect(() => tape.gradients(tape.mul(y, y), [x])).toThrow(/does not depend on x/);
    const w = tape.graph.input('w', 'float32', [1, 1, 3, 3]);
    const picture = tape.graph.input('picture', 'float32', [1, 1, 4, 4]);
    expect(() => tape.conv(picture, w, y, { stride: 2, dilation: 2 })).toThrow(/dilation 2/);
  });

  it("drive Adam to a least-squares problem's solution", async () => {
    const tape = new Tape();
    const theta = tape.graph.input('theta', 'float32', [3]);
    const goal = tape.graph.tensor(Float32Array.of(1, -2, 0.5), [3]);
    const off = tape.sub(theta, goal);
    const loss = tape.sum(tape.mul(off, off), [0]);
    addAdam(tape, theta, tape.gradients(loss, [theta]));
    const session = await InferenceSession.create(tape.graph.encode('adam'), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    let state = { theta: new Float32Array(3), m: new Float32Array(3), v: new Float32Array(3) };
    for (let step = 1; step <= 400; step++) {
      const rate = Float32Array.of(adamRate(0.05, step));
      const feeds = Object.entries({ ...state, rate }).map(([name, a]) => [name, new Tensor('float32', a, [a.length])]);
      const { theta_next, m_next, v_next } = await session.run(Object.fromEntries(feeds));
      state = { theta: floats(theta_next), m: floats(m_next), v: floats(v_next) };
    }
    for (const [i, value] of [1, -2, 0.5].entries()) expect(state.theta[i]).toBeCloseTo(value, 2);
  });

  it('encode to equal bytes for equal graphs', () => {
    const bytes = () => {
      const tape = new Tape();
      const x = tape.graph.input('x', 'float32', [1, 2, 4, 4]);
      tape.graph.output('y', tape.relu(tape.depthToSpace(tape.concat([x, x]), 2)));
      return tape.graph.encode('same', { classes: 'a b' });
    };
    expect(bytes()).toEqual(bytes());
  });

  it('take any number of pictures where the first axis is left free', async () => {
    const tape = new Tape();
    const x = tape.graph.input('x', 'float32', [1, 2, 4, 4]);
    tape.graph.output('y', tape.relu(tape.depthToSpace(tape.concat([x, x]), 2)));
    const session = await InferenceSession.create(tape.graph.encode('free', {}, { 0: 'N' }), { intraOpNumThreads: 1 });
    const data = Float32Array.from({ length: 96 }, (_, i) => i - 40);
    const { y } = await session.run({ x: new Tensor('float32', data, [3, 2, 4, 4]) });
    const one = await session.run({ x: new Tensor('float32', data.slice(64), [1, 2, 4, 4]) });
    expect(y.dims).toEqual([3, 1, 8, 8]);
    expect(floats(y).slice(128)).toEqual(floats(one.y));
  });
});

function floats(tensor: Tensor): Float32Array<ArrayBuffer> {
  if (!(tensor.data instanceof Float32Array)) throw new Error('float32 expected');
  return Float32Array.from(tensor.data);
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}

function map(x: Array4, f: (value: number) => number): Array4 {
  return { shape: x.shape, data: x.data.map(f) };
}

function dense(x: Array4, w: Array4, b: Array4): Array4 {
  const [n, ci] = x.shape;
  const co = w.shape[1];
  const data = new Float64Array(n * co);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < co; j++) {
      data[i * co + j] = b.data[j];
      for (let k = 0; k < ci; k++) data[i * co + j] += x.data[i * ci + k] * w.data[k * co + j];
    }
  }
  return { shape: [n, co], data };
}

function conv(x: Array4, w: Array4, b: Array4, stride: number, dilation = 1): Array4 {
  const [n, ci, height, width] = x.shape;
  const [co, , k] = w.shape;
  const pad = k >> 1;
  const h = Math.floor((height + 2 * pad - k) / stride) + 1;
  const v = Math.floor((width + 2 * pad - k) / stride) + 1;
  const data = new Float64Array(n * co * h * v);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let o = 0; o < co; o++) {
      for (let r = 0; r < h; r++) {
        for (let s = 0; s < v; s++, at++) {
          data[at] = b.data[o];
          for (let c = 0; c < ci; c++) {
            for (let p = 0; p < k; p++) {
              for (let q = 0; q < k; q++) {
                const row = r * stride + dilation * (p - pad);
                const column = s * stride + dilation * (q - pad);
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                data[at] +=
                  x.data[((i * ci + c) * height + row) * width + column] * w.data[((o * ci + c) * k + p) * k + q];
              }
            }
          }
        }
      }
    }
  }
  return { shape: [n, co, h, v], data };
}
