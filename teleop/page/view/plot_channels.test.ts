import { expect, it } from 'vitest';
import { plotChannels, plotKinds, writePlotSample } from './plot_channels.ts';

const NAMES = ['a', 'b', 'c'];
const pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] } as const;

it('gives each channel to one kind', () => {
  const owned = plotKinds(NAMES).flatMap(({ first, names }) => names.map((_, i) => first + i));
  expect([...owned].sort((a, b) => a - b)).toEqual(Array.from({ length: plotChannels(3) }, (_, i) => i));
});

it('writes what a state says where its kind reads it', () => {
  const out = new Float64Array(plotChannels(3));
  const state = { q: [1, 2, 3], v: [4, 5, 6], effort: [7, 8, 9], gripper_width_m: 0.04, wrench: [1, 2, 3, 4, 5, 6] };
  writePlotSample({ ...state, tool: { pose, speed_m_s: 0.25 } }, 3, out);
  const read = (title: string) => {
    const kind = plotKinds(NAMES).find((one) => one.title === title);
    if (kind === undefined) throw new Error(title);
    return [...out.subarray(kind.first, kind.first + kind.names.length)];
  };
  expect(read('Joint velocity')).toEqual([4, 5, 6]);
  expect(read('Joint effort')).toEqual([7, 8, 9]);
  expect(read('Gripper width')).toEqual([40]);
  expect(read('Tool speed')).toEqual([250]);
  expect([read('Force'), read('Torque')]).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

it('has no number for what is not known', () => {
  const out = new Float64Array(plotChannels(3));
  writePlotSample({ q: [1], v: [], effort: [], gripper_width_m: null, tool: null, wrench: null }, 3, out);
  expect(out[0]).toBe(1);
  expect([...out.subarray(1)].every(Number.isNaN)).toBe(true);
});
