import type { Confidence, Detection, Detections, ObjectClass, PictureFault } from '../../contracts/index.ts';
import type { TaskEvent, TaskRequest } from '../../planning/index.ts';
import type { TrueObject } from './planning_cell.ts';
import { TaskCell } from './task_cell.ts';

/** How an object looks to the camera above the table and to the one on the hand. */
export interface Doubtful {
  readonly verdict: Confidence['verdict'];
  /** What it is taken for; what it is by default. */
  readonly guess?: ObjectClass;
  /** From the hand; none: nobody knows how sure that view is. */
  readonly from_hand?: Confidence['verdict'];
}

type Asked = Extract<TaskEvent, { kind: 'asked' }>;

/** A cell whose detector is not sure of some objects, and in which somebody is asked. */
export class DoubtfulCell extends TaskCell {
  /** Questions: what was taken for what. */
  readonly asked: Detections[] = [];
  readonly reasons: string[] = [];
  readonly moves: string[] = [];
  doubtful: (object: TrueObject) => Doubtful | null = () => null;
  /** What is wrong with the pictures of the camera above the table. */
  picture_faults: readonly PictureFault[] = [];
  reply: (asked: Detection, truth: TrueObject) => Partial<Asked> = (_, truth) => ({
    answer: `${truth.colour} ${truth.class}`,
    by: 'ada',
  });

  override look(): Detections {
    return { ...this.judged_by((doubt) => doubt.verdict), faults: this.picture_faults };
  }

  override answer(request: TaskRequest): TaskEvent {
    if (request.kind === 'stage' && request.reason !== '') this.reasons.push(request.reason);
    if (request.kind === 'move') this.moves.push(request.label);
    if (request.kind === 'ask') return this.ask(request.doubt);
    if (request.kind !== 'detect_inside') return super.answer(request);
    this.time_s += 0.1;
    const { centre, inner } = request.container;
    const seen = this.judged_by((doubt) => doubt.from_hand);
    const detections = seen.detections.filter(
      ({ pose: { position } }) =>
        Math.abs(position[0] - centre[0]) < inner[0] / 2 && Math.abs(position[1] - centre[1]) < inner[1] / 2,
    );
    return { kind: 'detections', time_s: this.time_s, detections: { ...seen, request_id: 'wrist/0', detections } };
  }

  private judged_by(verdictOf: (doubt: Doubtful) => Confidence['verdict'] | undefined): Detections {
    const seen = super.look();
    const detections = seen.detections.map((detection): Detection => {
      const doubt = this.doubtful(this.scene.objects[detection.id]);
      const verdict = doubt === null ? 'accept' : verdictOf(doubt);
      if (verdict === undefined) return detection;
      if (verdict === 'accept')
        return { ...detection, confidence: { visible: 1, possible: [detection.class], verdict, reason: '' } };
      const taken = doubt?.guess ?? detection.class;
      const confidence = { visible: 0.5, possible: ['box', 'cylinder'], verdict, reason: 'half hidden' } as const;
      return { ...detection, class: taken, confidence };
    });
    return { ...seen, request_id: 'overview/3', detections };
  }

  private ask(doubt: Detections): TaskEvent {
    this.asked.push(doubt);
    this.time_s += 0.5;
    const [detection] = doubt.detections;
    const told = this.reply(detection, this.scene.objects[detection.id]);
    return { kind: 'asked', time_s: this.time_s, end: 'answered', answer: '', by: '', reason: '', ...told };
  }
}
