import { LOSS_PARTS, type TrainingProgress } from './trainer.ts';

const REPORT_STEPS = 50;

/** Somewhere to write text; a terminal has one line rewritten in place. */
export interface TextOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Says how a training goes: mean losses of the last steps. */
export class TrainingLog {
  private readonly steps: number;
  private readonly out: TextOutput;
  private readonly sums = new Float64Array(LOSS_PARTS.length);
  private count = 0;

  constructor(steps: number, out: TextOutput) {
    this.steps = steps;
    this.out = out;
  }

  add(step: number, losses: TrainingProgress['losses']): void {
    for (const [k, part] of LOSS_PARTS.entries()) this.sums[k] += losses[part];
    this.count++;
    const due = step % REPORT_STEPS === 0 || step === this.steps;
    if (!due) return;
    const means = LOSS_PARTS.map((part, k) => `${part} ${(this.sums[k] / this.count).toFixed(4)}`);
    const text = `step ${step} of ${this.steps}: ${means.join(', ')}`;
    this.out.write(this.out.isTTY === true && step !== this.steps ? `\r${text}\u001b[K` : `${text}\n`);
    this.sums.fill(0);
    this.count = 0;
  }
}
