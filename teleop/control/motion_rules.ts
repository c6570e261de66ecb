import type { TaskKind } from '../protocol/index.ts';

/** What a person can want of the arm. */
export type Wish = 'jog' | 'pick' | 'batch' | 'policy' | 'go' | 'gripper' | 'pause' | 'continue' | 'cancel';

/** What the arm is doing. */
export interface UnderWay {
  /** `jog` while a control is held or the arm comes to rest after it. */
  readonly kind: TaskKind;
  readonly paused: boolean;
  readonly ending: boolean;
}

const WORDS: Readonly<Record<TaskKind, string>> = {
  none: 'nothing',
  jog: 'jogging',
  pick: 'an automatic pick',
  batch: 'a batch',
  policy: 'a policy',
  home: 'going home',
  retreat: 'the retreat',
  gripper: 'a motion of the gripper',
  other: "somebody else's motion",
};

/** Why a wish cannot be had beside what is under way; empty where it can. */
export function refusalOf(wish: Wish, { kind, paused, ending }: UnderWay): string {
  const begun = kind === 'pick' || kind === 'batch' || kind === 'policy' || kind === 'home' || kind === 'retreat';
  switch (wish) {
    case 'jog':
      return kind === 'none' || kind === 'jog' ? '' : busyWith(kind, ending);
    case 'pick':
    case 'batch':
    case 'policy':
    case 'go':
    case 'gripper':
      if (kind === 'none') return '';
      return kind === 'jog' ? 'the arm is being jogged; let go first' : busyWith(kind, ending);
    case 'pause':
      if (!begun) return 'no automatic motion is under way';
      if (ending) return `${WORDS[kind]} is ending`;
      return paused ? 'it is paused already' : '';
    case 'continue':
      if (ending) return `${WORDS[kind]} is ending`;
      return begun && paused ? '' : 'nothing is paused';
    case 'cancel':
      return begun || kind === 'gripper' ? '' : 'no automatic motion is under way';
  }
}

function busyWith(kind: TaskKind, ending: boolean): string {
  return ending ? `${WORDS[kind]} is ending; wait for it` : `${WORDS[kind]} is under way; cancel it first`;
}
