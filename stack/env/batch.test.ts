import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { EnvironmentBatch, STATUS_COLUMNS } from './batch.ts';
import { type AutoresetMode, DEFAULT_ENVIRONMENT_OPTIONS } from './options.ts';

const PANDA = loadRobot('panda');
const COUNT = 2;

/** A batch whose environment 0 is about to end: one of its objects has fallen. */
function ending(mode: AutoresetMode): EnvironmentBatch {
  const batch = new EnvironmentBatch(DEFAULT_ENVIRONMENT_OPTIONS, PANDA, COUNT, mode);
  batch.reset([
    { environment: 0, seed: 1, episode: null },
    { environment: 1, seed: 2, episode: 4 },
  ]);
  expect(column(batch, 'episode')).toEqual([0, 4]);
  batch.environments[0].engine?.setObjectState(0, [1.4, 0, -0.3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return batch;
}

function column({ table }: EnvironmentBatch, name: (typeof STATUS_COLUMNS)[number]): number[] {
  const width = STATUS_COLUMNS.length;
  return Array.from({ length: COUNT }, (_, i) => table[width * i + STATUS_COLUMNS.indexOf(name)]);
}

const still = () => new Float32Array(COUNT * 5);

describe('environments that end in a batch', () => {
  it('are reset by the next step, which does nothing else with them', () => {
    const batch = ending('next_step');
    batch.step(still());
    expect(column(batch, 'terminated')).toEqual([1, 0]);
    const fallen = batch.output.vector.slice(0, batch.environments[0].sizes.vector);
    batch.step(still());
    expect(column(batch, 'terminated')).toEqual([0, 0]);
    expect(column(batch, 'episode')).toEqual([1, 4]);
    expect(column(batch, 'reward')[0]).toBe(0);
    expect(batch.output.vector.subarray(0, fallen.length)).not.toEqual(fallen);
    expect(column(batch, 'time_s')[0]).toBeCloseTo(1 / 25, 9);
    batch.step(still());
    expect(column(batch, 'time_s')[0]).toBeCloseTo(2 / 25, 9);
  });

  it('are reset in the same step, with the last observation and verdict kept', () => {
    const expected = ending('next_step');
    expected.step(still());
    const batch = ending('same_step');
    batch.step(still());
    expect(column(batch, 'terminated')).toEqual([1, 0]);
    expect(column(batch, 'final')).toEqual([1, 0]);
    expect(column(batch, 'episode')).toEqual([1, 4]);
    expect(column(batch, 'failed_stage')[0]).toBe(0);
    expect(batch.finals).toBe(1);
    const { vector } = batch.environments[0].sizes;
    expect(batch.final_output.vector.subarray(0, vector)).toEqual(expected.output.vector.subarray(0, vector));
    const width = STATUS_COLUMNS.length;
    expect(batch.final_table.subarray(0, width)).toEqual(expected.table.subarray(0, width));
    batch.step(still());
    expect(batch.finals).toBe(0);
    expect(column(batch, 'final')).toEqual([0, 0]);
  });

  it('have to be reset by the caller where resets are disabled; the others go on', () => {
    const batch = ending('disabled');
    batch.step(still());
    expect(() => batch.step(still())).toThrow('environment 0, whose episode is over: reset it first');
    const other = batch.table.slice(STATUS_COLUMNS.length);
    batch.reset([{ environment: 0, seed: null, episode: null }]);
    expect(batch.table.subarray(STATUS_COLUMNS.length)).toEqual(other);
    batch.step(still());
    expect(column(batch, 'episode')).toEqual([1, 4]);
  });
});

describe('bad orders', () => {
  it('are refused before anything is done', () => {
    const batch = new EnvironmentBatch(DEFAULT_ENVIRONMENT_OPTIONS, PANDA, COUNT, 'disabled');
    expect(() => batch.step(still())).toThrow('has not begun');
    const good = { environment: 0, seed: 1, episode: null };
    for (const bad of [
      { environment: 2, seed: 0, episode: null },
      { environment: 0.5, seed: 0, episode: null },
      { environment: 0, seed: -5, episode: null },
      { environment: 0, seed: 2 ** 53, episode: null },
      { environment: 1, seed: 0, episode: Number.NaN },
    ]) {
      expect(() => batch.reset([good, bad])).toThrow(InputError);
    }
    expect(() => batch.step(still())).toThrow('has not begun');
    batch.reset([good, { ...good, environment: 1 }]);
    const actions = still();
    actions[7] = Number.NaN;
    expect(() => batch.step(actions)).toThrow('action[2] = NaN of environment 1');
  });
});
