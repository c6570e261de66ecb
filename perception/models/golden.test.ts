import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { mutatedJson } from '../../test/support/mutated_json.ts';
import type { Tensors } from '../runtime/index.ts';
import { makeGolden, runGolden } from './golden.ts';
import type { ModelInterface } from './manifest.ts';

const shape = [1, 2, 30, 40] as const;
const tensor = { type: 'float32', shape, layout: 'NCHW', what: '', units: '1' } as const;
const MODEL: ModelInterface = {
  classes: [
    { name: 'ground', means: 'background' },
    { name: 'cube', means: 'box' },
  ],
  inputs: [{ ...tensor, name: 'x' }],
  outputs: [{ ...tensor, name: 'y' }],
  preprocessing: {
    ...{ width: 40, height: 30, resize: 'area' },
    channels: [
      { what: 'red', scale: 1, offset: 0, missing: 0 },
      { what: 'blue', scale: 1, offset: 0, missing: 0 },
    ],
  },
  heads: { semantic: { output: 'y', activation: 'none' } },
};
/** Not a network, but as deterministic as one. */
const run =
  (gain = 1) =>
  async ({ x }: Tensors): Promise<Tensors> => ({
    y: x.map((value, i) => gain * Math.sin(7 * value + i)),
  });
const rng = createRng(3).stream('golden');
const pictures = [0, 1].map(() => ({
  grid: { width: 40, height: 30 },
  values: Float32Array.from({ length: 2400 }, () => rng.range(-3, 2)),
}));

describe('golden inputs', () => {
  it('give the same again, and show every change of a value beyond the tolerance', async () => {
    const text = await makeGolden(pictures, MODEL, run());
    expect(await runGolden(text, MODEL, run(), 'golden.json')).toEqual({ cases: 2, compared: 4800, worst: 0 });
    const { worst } = await runGolden(text, MODEL, run(1.01), 'golden.json');
    expect(worst).toBeGreaterThan(0.0099);
    expect(worst).toBeLessThan(0.0101);
  });

  it('are near the pictures they were made of: within half of one of 255 steps', async () => {
    const given: Float32Array[] = [];
    await makeGolden(pictures, MODEL, async (inputs) => {
      given.push(inputs.x.slice());
      return run()(inputs);
    });
    for (const [k, { values }] of pictures.entries())
      for (const [i, value] of values.entries()) expect(Math.abs(given[k][i] - value)).toBeLessThan((0.51 * 5) / 255);
  });

  it('take a value that is none for as far away as can be', async () => {
    const text = await makeGolden(pictures, MODEL, run());
    const none = async (inputs: Tensors) => ({ y: (await run()(inputs)).y.fill(Number.NaN, 7, 8) });
    expect((await runGolden(text, MODEL, none, 'golden.json')).worst).toBe(Number.POSITIVE_INFINITY);
  });

  it('are refused when they are of another network, or unpack to more than it takes', async () => {
    const text = await makeGolden(pictures, MODEL, run());
    const refused = async (spoilt: string, allowed: RegExp) => {
      const done = runGolden(spoilt, MODEL, run(), 'golden.json');
      await expect(done).rejects.toThrow(InputError);
      await expect(done).rejects.toThrow(allowed);
    };
    await refused('{', /golden\.json: must be JSON/);
    await refused(text.replace('golden/1', 'golden/2'), /golden\.json at format/);
    await refused(text.replaceAll('"x"', '"z"'), /cases\.0: must have x/);
    await refused(text.replaceAll('"y"', '"z"'), /cases\.0: must have y/);
    const bomb = JSON.parse(text);
    const { deflateRawSync } = await import('node:zlib');
    bomb.cases[0].inputs.x.values = deflateRawSync(new Uint8Array(5e7)).toString('base64');
    await refused(JSON.stringify(bomb), /at most 2400 bytes, deflated/);
    bomb.cases[0].inputs.x.values = deflateRawSync(new Uint8Array(2399)).toString('base64');
    await refused(JSON.stringify(bomb), /2 channels and 2400 values/);
  });

  it('from a stranger are refused, or run as any others: 400 changes of their content', async () => {
    const original = JSON.parse(await makeGolden(pictures, MODEL, run()));
    const mutations = createRng(4).stream('golden mutations');
    let refused = 0;
    for (let k = 0; k < 400; k++) {
      const text = JSON.stringify(mutatedJson(original, mutations)) ?? 'null';
      try {
        const { worst, compared } = await runGolden(text, MODEL, run(), 'golden.json');
        expect(worst, `case ${k}`).toBeGreaterThanOrEqual(0);
        expect(compared, `case ${k}`).toBeGreaterThan(0);
      } catch (error) {
        expect(error, `case ${k}: ${text.slice(0, 200)}`).toBeInstanceOf(InputError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(200);
  });
});
