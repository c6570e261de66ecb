import type { OperatingMode } from '../state_machine.ts';
import type { AutonomyLevel } from './subject.ts';

/** What a level of autonomy takes from an arm. */
export interface AutonomyLimits {
  /** Whether learned policies may command. */
  readonly policies: boolean;
  /** The one mode in which it moves; null for any. */
  readonly only_mode: OperatingMode | null;
}

/** Of an arm that needs no approvals. */
export const ANY_AUTONOMY: AutonomyLimits = { policies: true, only_mode: null };

/** What an arm of this level may not do; see AUTONOMY_LEVELS. */
export function autonomyLimits(level: AutonomyLevel): AutonomyLimits {
  switch (level) {
    case 'guided':
      return { policies: false, only_mode: 'guided' };
    case 'scripted':
      return { policies: false, only_mode: null };
    case 'learned':
    case 'unattended':
      return ANY_AUTONOMY;
  }
}
