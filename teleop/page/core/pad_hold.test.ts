import { describe, expect, it } from 'vitest';
import type { PadReading } from './gamepad_axes.ts';
import { pushesOfPad } from './gamepad_axes.ts';
import type { Push } from './held_control.ts';
import { PadHold } from './pad_hold.ts';

const reading = (axes: readonly number[], enabled = true): PadReading => ({
  axes,
  buttons: Array.from({ length: 16 }, (_, i) => ({ pressed: enabled && i === 4 })),
});
const REST = reading([0, 0, 0, 0], false);
const FORWARD = reading([0, -1, 0, 0]);

function rig(accepts = true) {
  const told: string[] = [];
  const pad = new PadHold({
    press: (control: string, { amount }: Push) => {
      told.push(`press ${control} ${amount}`);
      return accepts;
    },
    lift: (control) => told.push(`lift ${control}`),
    gone: () => told.push('gone'),
  });
  return { pad, told };
}

describe('a gamepad', () => {
  it('moves nothing by sticks alone, nor near their middle', () => {
    expect(pushesOfPad(reading([1, 1, 1, 1], false))).toEqual([]);
    expect(pushesOfPad(reading([0.14, -0.14, 0.1, 0]))).toEqual([]);
    expect(pushesOfPad(FORWARD)).toEqual([{ axis: 0, amount: 1 }]);
    for (const { amount } of pushesOfPad(reading([0.2, -0.9, 1, -1]))) expect(Math.abs(amount)).toBeLessThanOrEqual(1);
  });

  it('whose stick is held when it comes counts after it was at rest', () => {
    const { pad, told } = rig();
    pad.turn(FORWARD);
    expect(told).toEqual([]);
    pad.turn(REST);
    pad.turn(FORWARD);
    expect(told).toEqual(['press pad 0 1']);
    pad.turn(REST);
    expect(told.at(-1)).toBe('lift pad 0');
  });

  it('that goes while it is held says so once', () => {
    const { pad, told } = rig();
    pad.turn(REST);
    pad.turn(FORWARD);
    pad.turn(null);
    pad.turn(null);
    expect(told).toEqual(['press pad 0 1', 'gone']);
  });

  it('that was dropped or refused does not go on until it was at rest', () => {
    const { pad, told } = rig(false);
    pad.turn(REST);
    for (let i = 0; i < 5; i++) pad.turn(FORWARD);
    expect(told).toHaveLength(1);
    pad.turn(REST);
    pad.turn(FORWARD);
    expect(told).toHaveLength(2);
  });
});
