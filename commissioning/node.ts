import { z } from 'zod';
import type { Node, NodeContext } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { COMMISSIONING_STAGES, commissioningFinding, type Envelope } from '../safety/index.ts';
import { ArmOnBus } from './arm_on_bus.ts';
import type { CommissioningSettings } from './settings.ts';
import { failure, Interrupted, outcomeOf, type Stage, StageFailed, type StageOutcome } from './stage.ts';
import { STAGES } from './stages/index.ts';

/** What the node is told. */
export const commissioningOrder = z.object({ run: z.enum(COMMISSIONING_STAGES) });

/** What the node reports. */
export const commissioningWord = z.discriminatedUnion('word', [
  z.object({ word: z.literal('line'), text: z.string() }),
  z.object({ word: z.literal('progress'), part: z.number() }),
  z.object({
    word: z.literal('outcome'),
    stage: z.enum(COMMISSIONING_STAGES),
    verdict: z.enum(['passed', 'failed', 'not_applicable']),
    findings: z.array(commissioningFinding).readonly(),
    measurements: z.record(z.string(), z.json()),
  }),
  z.object({ word: z.literal('error'), reason: z.string() }),
]);
export type CommissioningWord = z.infer<typeof commissioningWord>;

export interface CommissioningNodeOptions {
  readonly name: string;
  readonly robot: Robot;
  readonly envelope: Envelope;
  readonly settings: CommissioningSettings;
  readonly report: (word: CommissioningWord) => void;
}

/** Runs stages of commissioning on the arm that is on its bus, one at a time as it is told, and reports how they go. */
export class CommissioningNode implements Node {
  readonly name: string;
  private readonly options: CommissioningNodeOptions;
  private context: NodeContext | null = null;
  private arm: ArmOnBus | null = null;
  private running = false;

  constructor(options: CommissioningNodeOptions) {
    this.options = options;
    this.name = options.name;
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
  }

  activate(): void {
    if (this.context === null) throw new Error('the commissioning node is not configured');
    this.arm = new ArmOnBus(this.context, this.options.robot);
  }

  deactivate(): void {
    this.arm?.close();
    this.arm = null;
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  /** Obeys an order (commissioningOrder); anything else is reported as an error. */
  tell(order: object): void {
    const { report } = this.options;
    const { data } = commissioningOrder.safeParse(order);
    const stage = STAGES.find(({ name }) => name === data?.run);
    if (stage === undefined) report({ word: 'error', reason: `no order: ${JSON.stringify(order)}` });
    else if (this.running) report({ word: 'error', reason: 'a stage is under way' });
    else void this.run(stage);
  }

  private async run(stage: Stage): Promise<void> {
    const { options, arm } = this;
    const { report } = options;
    this.running = true;
    try {
      if (arm === null) throw new Interrupted();
      const { verdict, findings, measurements } = await this.outcome(stage, arm);
      report({ word: 'outcome', stage: stage.name, verdict, findings, measurements });
    } catch (error) {
      // Whoever ends the node waits for no outcome.
      if (!(error instanceof Interrupted)) {
        report({ word: 'error', reason: error instanceof Error ? error.message : String(error) });
      }
    } finally {
      this.running = false;
    }
  }

  private async outcome(stage: Stage, arm: ArmOnBus): Promise<StageOutcome> {
    const { robot, envelope, settings, report } = this.options;
    try {
      return await stage.run({
        ...{ arm, robot, envelope, settings },
        say: (text) => report({ word: 'line', text }),
        progress: (part) => report({ word: 'progress', part }),
        interrupted: () => this.arm !== arm,
      });
    } catch (error) {
      if (error instanceof StageFailed) return outcomeOf([failure(error.message, error.remedy)], {});
      throw error;
    }
  }
}
