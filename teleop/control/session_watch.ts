import type { HeldLease, LeaseLoss } from './control_lease.ts';

export interface SessionWatchOptions {
  /** Whether the arm moves, or a motion is under way that may move it. */
  readonly moves: () => boolean;
  /** A protective stop, latched. */
  readonly stop: (why: string) => void;
  /** The arm comes to rest, nothing is latched. */
  readonly hold: (why: string) => void;
}

/** What the loss of the control lease means for the arm: a hold; a stop where its page fell silent while anything moves. */
export class SessionWatch {
  private readonly options: SessionWatchOptions;

  constructor(options: SessionWatchOptions) {
    this.options = options;
  }

  lost({ operator }: HeldLease, why: LeaseLoss): void {
    const { moves, stop, hold } = this.options;
    const said = `the page of ${operator.user}, in control of the robot, fell silent`;
    if (why === 'silent' && moves()) stop(said);
    hold(WORDS[why]);
  }
}

const WORDS: Readonly<Record<LeaseLoss, string>> = {
  released: 'control was given up',
  handed_over: 'control was handed over',
  not_refused: 'control went to who had asked for it',
  silent: 'the page in control fell silent',
  session_ended: 'the session in control has ended',
  taken_back: 'control was taken back',
};
