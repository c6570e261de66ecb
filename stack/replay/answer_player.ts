import {
  type EscalationAnswer,
  InputError,
  type Node,
  type NodeContext,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import { readRecording } from '../../datasets/index.ts';
import { escalationAnswerFromRos, escalationFromRos } from '../../ros/index.ts';

export interface RecordedAnswer {
  readonly log_ns: bigint;
  readonly answer: EscalationAnswer;
}

/** What people answered in a recording, and how long they had (s); null where nobody was asked. */
export interface RecordedAnswers {
  readonly answers: readonly RecordedAnswer[];
  readonly answer_within_s: number | null;
}

/** Reads it from a recording as far as that can be read. */
export async function readAnswers(file: string): Promise<RecordedAnswers> {
  const answers: RecordedAnswer[] = [];
  let answer_within_s: number | null = null;
  const { escalations, escalation_answers } = TOPICS;
  try {
    for await (const { topic, log_ns, message } of readRecording(file, [escalations.name, escalation_answers.name])) {
      if (topic === escalation_answers.name) answers.push({ log_ns, answer: escalationAnswerFromRos(message) });
      else {
        const { stamp_ns, expires_ns } = escalationFromRos(message);
        answer_within_s ??= stampToSeconds(expires_ns - stamp_ns);
      }
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  return { answers, answer_within_s };
}

/** Gives recorded answers again, each when it was given. */
export class AnswerPlayer implements Node {
  readonly name = 'answer_player';
  private readonly answers: readonly RecordedAnswer[];
  private cancels: (() => void)[] = [];

  constructor(answers: readonly RecordedAnswer[]) {
    this.answers = answers;
  }

  async configure({ bus, clock }: NodeContext): Promise<void> {
    this.cancels = this.answers.map(({ log_ns, answer }) =>
      clock.schedule(log_ns, () => bus.publish(TOPICS.escalation_answers, answer)),
    );
  }

  activate(): void {}

  deactivate(): void {
    for (const cancel of this.cancels) cancel();
    this.cancels = [];
  }

  async cleanup(): Promise<void> {}
}
