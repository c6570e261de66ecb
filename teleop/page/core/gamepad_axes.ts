import type { Push } from './held_control.ts';

/** What of a Gamepad is read; of the standard mapping. */
export interface PadReading {
  readonly axes: readonly number[];
  readonly buttons: readonly { readonly pressed: boolean }[];
}

const DEAD = 0.15;
/** The left shoulder button has to be held: sticks alone move nothing. */
const ENABLE = 4;
/** Stick, the axis of the robot that it drives, and its direction; stick axes point right and down. */
const STICKS = [
  [1, 0, -1],
  [0, 1, -1],
  [3, 2, -1],
  [2, 5, -1],
] as const;

/** What the sticks drive, none while the button that enables them is up or all are near the middle. */
export function pushesOfPad({ axes, buttons }: PadReading): readonly Push[] {
  if (buttons[ENABLE]?.pressed !== true) return [];
  return STICKS.flatMap(([stick, axis, sign]) => {
    const value = axes[stick] ?? 0;
    const beyond = (Math.abs(value) - DEAD) / (1 - DEAD);
    return beyond <= 0 ? [] : [{ axis, amount: sign * Math.sign(value) * Math.min(1, beyond) }];
  });
}
