import type { Push } from './held_control.ts';

/** Keys by where they are, so that another keyboard layout has them in the same places. */
const TOOL_KEYS: Readonly<Record<string, Push>> = {
  KeyW: { axis: 0, amount: 1 },
  KeyS: { axis: 0, amount: -1 },
  KeyA: { axis: 1, amount: 1 },
  KeyD: { axis: 1, amount: -1 },
  KeyR: { axis: 2, amount: 1 },
  KeyF: { axis: 2, amount: -1 },
  KeyL: { axis: 3, amount: 1 },
  KeyJ: { axis: 3, amount: -1 },
  KeyI: { axis: 4, amount: 1 },
  KeyK: { axis: 4, amount: -1 },
  KeyU: { axis: 5, amount: 1 },
  KeyO: { axis: 5, amount: -1 },
};

const JOINT_ROWS = { forward: 'QWERTYUI', back: 'ASDFGHJK' } as const;

/** What a key drives; null for the others. */
export function pushOfKey(code: string, kind: 'tool' | 'joints', joints: number): Push | null {
  if (kind === 'tool') return Object.hasOwn(TOOL_KEYS, code) ? TOOL_KEYS[code] : null;
  for (const [row, amount] of [
    [JOINT_ROWS.forward, 1],
    [JOINT_ROWS.back, -1],
  ] as const) {
    const axis = /^Key[A-Z]$/.test(code) ? row.indexOf(code.slice(3)) : -1;
    if (axis >= 0 && axis < joints) return { axis, amount };
  }
  return null;
}

/** The key that drives an axis one way, for its label. */
export function keyOf(axis: number, amount: number, kind: 'tool' | 'joints'): string {
  if (kind === 'joints') return (amount > 0 ? JOINT_ROWS.forward : JOINT_ROWS.back)[axis] ?? '';
  const found = Object.entries(TOOL_KEYS).find(([, push]) => push.axis === axis && push.amount === amount);
  return found === undefined ? '' : found[0].slice(3);
}
