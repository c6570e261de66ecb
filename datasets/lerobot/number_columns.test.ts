import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRng, PACKAGE_ROOT, type Rng } from '../../contracts/index.ts';
import type { EpisodeSeries, JointSeries } from '../recording/series.ts';
import { widthOf } from './feature.ts';
import { type ColumnOptions, type NumberColumn, numberColumns } from './number_columns.ts';

const URDF = readFileSync(join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf'), 'utf8');
/** As ur_robot_driver's joint_state_broadcaster has them, and its controller. */
const STATE = ['elbow', 'shoulder_lift', 'shoulder_pan', 'wrist_1', 'wrist_2', 'wrist_3'].map(
  (name) => `${name}_joint`,
);
const CONTROLLER = [STATE[2], STATE[1], STATE[0], ...STATE.slice(3)];
const PLAIN: ColumnOptions = { urdf: null, told: {}, taken: new Set(), float64: false };

function joints(rng: Rng, names: readonly string[], rows: number): JointSeries {
  const values = () => Float64Array.from({ length: rows * names.length }, () => rng.range(-2, 2));
  const time_s = Float64Array.from({ length: rows }, (_, k) => k / 100);
  return { names, time_s, logged_s: time_s, position: values(), velocity: values(), effort: values() };
}

function series(given: Partial<EpisodeSeries>): EpisodeSeries {
  const nothing = { joints: null, command: null, wrench: null, pictures: [], safety: [], notes: [] };
  return { start_ns: 0n, duration_s: 1, topics: new Map(), ...nothing, ...given };
}

/** The same values by other places. */
function scrambled({ names, ...of }: JointSeries, order: readonly string[]): JointSeries {
  const from = order.map((name) => names.indexOf(name));
  const moved = (values: Float64Array) =>
    values.map((_, k) => values[Math.floor(k / names.length) * names.length + from[k % names.length]]);
  return {
    ...of,
    names: order,
    ...{ position: moved(of.position), velocity: moved(of.velocity) },
    effort: moved(of.effort),
  };
}

const shuffled = (rng: Rng, names: readonly string[]) =>
  names
    .map((name) => ({ name, at: rng.uniform() }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);

const columnOf = (columns: readonly NumberColumn[], key: string) => columns.find(({ feature }) => feature.key === key);

describe('columns of numbers', () => {
  it('are the same, the action too, whatever the order in which a controller names its joints', () => {
    for (let seed = 0; seed < 8; seed++) {
      const rng = createRng(seed).stream('columns');
      const [measured, told] = [joints(rng, STATE, 5), joints(rng, STATE, 5)];
      const options = { ...PLAIN, urdf: URDF };
      const same = numberColumns(series({ joints: measured, command: told }), options);
      for (const order of [CONTROLLER, shuffled(rng, STATE)]) {
        const made = numberColumns(series({ joints: measured, command: scrambled(told, order) }), options);
        expect(made, `seed ${seed}: ${order.join(' ')}`).toEqual(same);
      }
      const state = columnOf(same, 'observation.state');
      expect(columnOf(same, 'action')?.feature).toEqual({ ...state?.feature, key: 'action' });
      expect(columnOf(same, 'action')?.values).toEqual(told.position);
      const [at, to] = ['observation', 'action'].map((of) => columnOf(same, `${of}.tool_pose`)?.values ?? []);
      const alignment = [3, 4, 5, 6].reduce((sum, k) => sum + at[k] * to[k], 0);
      expect(alignment, `seed ${seed}: signs of the quaternions`).toBeGreaterThanOrEqual(0);
    }
  });

  it('are as wide as their names and units, and as long as their stamps', () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed).stream('widths');
      const rows = 1 + rng.int(6);
      const time_s = Float64Array.from({ length: rows }, (_, k) => k / 50);
      const columns = numberColumns(
        series({
          joints: rng.uniform() < 0.8 ? joints(rng, STATE.slice(0, 1 + rng.int(6)), rows) : null,
          command: rng.uniform() < 0.8 ? joints(rng, STATE.slice(rng.int(5)), rows) : null,
          wrench: rng.uniform() < 0.5 ? { frame_id: 'hand', time_s, values: new Float64Array(6 * rows) } : null,
        }),
        { ...PLAIN, urdf: URDF, float64: seed % 2 === 0 },
      );
      for (const { feature, time_s: times, values } of columns) {
        const what = `seed ${seed}, ${feature.key}`;
        expect(values.length, what).toBe(widthOf(feature) * times.length);
        expect([feature.names?.length, feature.units.length], what).toEqual([widthOf(feature), widthOf(feature)]);
        expect(feature.dtype, what).toBe(seed % 2 === 0 ? 'float64' : 'float32');
      }
    }
  });

  it('say metres of what slides, and have no tool pose without a value for each joint that moves the tool', () => {
    const rng = createRng(5).stream('units');
    const hand = joints(rng, ['elbow_joint', 'left_finger'], 2);
    const units = columnOf(numberColumns(series({ joints: hand }), PLAIN), 'observation.state')?.feature.units;
    expect(units).toEqual(['rad', 'm']);
    const whole = joints(rng, STATE, 2);
    const keys = (command: JointSeries) =>
      numberColumns(series({ joints: whole, command }), { ...PLAIN, urdf: URDF }).map(({ feature }) => feature.key);
    expect(keys(joints(rng, CONTROLLER, 2))).toContain('action.tool_pose');
    expect(keys(joints(rng, CONTROLLER.slice(1), 2))).not.toContain('action.tool_pose');
    expect(keys(joints(rng, CONTROLLER.slice(1), 2))).toContain('observation.tool_pose');
  });

  it('keep the names, types and order of the set that they came from, and are not made again', () => {
    const rng = createRng(6).stream('told');
    const [measured, command] = [joints(rng, STATE, 3), joints(rng, CONTROLLER, 3)];
    const names = CONTROLLER.map((_, j) => `motor_${j}`);
    const told: ColumnOptions['told'] = { action: { dtype: 'float64', names } };
    const options = { ...PLAIN, told, taken: new Set(['observation.effort']) };
    const columns = numberColumns(series({ joints: measured, command }), options);
    const action = columnOf(columns, 'action');
    expect(action?.feature).toMatchObject({ names, dtype: 'float64', units: [] });
    expect(action?.values).toEqual(command.position);
    expect(columnOf(columns, 'observation.effort')).toBeUndefined();
  });

  it('leave out what was never measured', () => {
    const measured = joints(createRng(7).stream('none'), STATE, 3);
    const effort = measured.effort.map(() => Number.NaN);
    const keys = numberColumns(series({ joints: { ...measured, effort } }), PLAIN).map(({ feature }) => feature.key);
    expect(keys).toEqual(['observation.state', 'observation.velocity']);
    expect(numberColumns(series({}), PLAIN)).toEqual([]);
  });
});
