import {
  type Bus,
  type Clock,
  type Detections,
  type EscalationEnd,
  escalationId,
  type Subscription,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';

export type AskedEnd = Pick<EscalationEnd, 'answer' | 'by' | 'reason'> & {
  readonly end: Exclude<EscalationEnd['end'], 'refused'>;
};

/** Longest until the question is out (s), and after its expiry until its end is told. */
const PUT_WITHIN_S = 1;
const END_WITHIN_S = 3;

/**
 * Has a person asked about the one object in some detections, and tells how the question ended. Where nobody asks people,
 * that is soon.
 * @returns gives the question up
 */
export function askPerson(
  bus: Bus,
  clock: Clock,
  subscriber: string,
  doubt: Detections,
  onEnd: (ended: AskedEnd) => void,
): () => void {
  const id = escalationId(doubt, doubt.detections[0]);
  const subscriptions: Subscription[] = [];
  let cancelTimer = (): void => {};
  let open = true;
  const close = (): void => {
    open = false;
    cancelTimer();
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
  const finish = (ended: AskedEnd): void => {
    if (!open) return;
    close();
    onEnd(ended);
  };
  const giveUpAt = (at_ns: bigint, reason: string): void => {
    cancelTimer();
    cancelTimer = clock.schedule(at_ns, () => finish({ end: 'withdrawn', answer: '', by: '', reason }));
  };
  giveUpAt(clock.now_ns() + secondsToStamp(PUT_WITHIN_S), 'nobody asks people here; is an escalation node active?');
  subscriptions.push(
    bus.subscribe(TOPICS.escalations, subscriber, ({ id: asked, expires_ns }) => {
      if (open && asked === id) giveUpAt(expires_ns + secondsToStamp(END_WITHIN_S), 'the question was lost');
    }),
    bus.subscribe(TOPICS.escalation_ends, subscriber, ({ id: asked, end, answer, by, reason }) => {
      if (asked === id && end !== 'refused') finish({ end, answer, by, reason });
    }),
  );
  bus.publish(TOPICS.doubts, doubt);
  return () => {
    if (!open) return;
    close();
    bus.publish(TOPICS.doubts, { ...doubt, detections: [] });
  };
}
