import type { SafetyState } from '../../../contracts/index.ts';

export type SafetyMode = SafetyState['mode'];

export const MODE_WORDS: Readonly<Record<SafetyMode, string>> = {
  initialising: 'starting: the robot does not move yet',
  automatic: 'ready, full speed allowed',
  reduced: 'ready, reduced speed',
  guided: 'guided by hand',
  protective_stop: 'protective stop',
  fault: 'fault',
  emergency_stop: "emergency stop reported by the arm's hardware",
};

/** Whether commands move the arm in this mode. */
export function moves(mode: SafetyMode): boolean {
  return mode === 'automatic' || mode === 'reduced' || mode === 'guided';
}

/** Whether somebody has to look: worth an alert. */
export function isStop(mode: SafetyMode): boolean {
  return mode === 'protective_stop' || mode === 'fault' || mode === 'emergency_stop';
}

const CATEGORY_WORDS: Readonly<Record<number, string>> = {
  0: 'category 0: the drives lose power at once',
  1: 'category 1: brought to rest, then without power',
  2: 'category 2: brought to rest, held under power',
};

export function categoryWords(category: number): string {
  return CATEGORY_WORDS[category] ?? '';
}
