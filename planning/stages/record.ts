import type { PlanStageRow } from '../../contracts/index.ts';

export type StageKind = PlanStageRow['kind'];

/** Different reasons kept of one stage; further ones are counted together. */
const MOST_REASONS = 12;

/** What one stage of a plan did: how often it was tried, what it found and why it did not. Its memory is bounded. */
export class StageRecord {
  readonly name: string;
  readonly kind: StageKind;
  tried = 0;
  solutions = 0;
  best_cost = Number.POSITIVE_INFINITY;
  private readonly reasons = new Map<string, number>();
  private readonly inner: StageRecord[] = [];

  constructor(name: string, kind: StageKind) {
    this.name = name;
    this.kind = kind;
  }

  get children(): readonly StageRecord[] {
    return this.inner;
  }

  /** The record of a stage inside this one, made when it is first asked for; stages inside are in the order they began. */
  child({ name, kind }: { readonly name: string; readonly kind: StageKind }): StageRecord {
    const known = this.inner.find((record) => record.name === name && record.kind === kind);
    if (known !== undefined) return known;
    const made = new StageRecord(name, kind);
    this.inner.push(made);
    return made;
  }

  solved(cost: number): void {
    this.solutions++;
    if (cost < this.best_cost) this.best_cost = cost;
  }

  failed(reason: string, count = 1): void {
    const key = this.reasons.has(reason) || this.reasons.size < MOST_REASONS ? reason : OTHER;
    this.reasons.set(key, (this.reasons.get(key) ?? 0) + count);
  }

  /** Failures of this stage itself, the most frequent reason first. */
  failures(): { readonly reason: string; readonly count: number }[] {
    return [...this.reasons].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
  }

  /** Adds what another record of the same stage holds, with all that is inside. */
  add(other: StageRecord): void {
    this.tried += other.tried;
    this.solutions += other.solutions;
    this.best_cost = Math.min(this.best_cost, other.best_cost);
    for (const [reason, count] of other.reasons) this.failed(reason, count);
    for (const child of other.inner) this.child(child).add(child);
  }

  /** Why nothing came of it: `stage: reason` of the stage that came furthest, by its most frequent reason. */
  diagnosis(): string {
    const blamed = this.blamed();
    const [worst] = blamed.failures();
    return worst === undefined ? `${blamed.name}: no candidates` : `${blamed.name}: ${worst.reason}`;
  }

  /** The furthest stage inside that was begun and fell short; this one when there is none. */
  private blamed(): StageRecord {
    const fell = this.inner.filter((record) => record.tried > 0 && !record.idle());
    return fell.at(-1)?.blamed() ?? this;
  }

  private idle(): boolean {
    return this.reasons.size === 0 && this.solutions > 0 && this.inner.every((record) => record.idle());
  }

  /** This record and those inside as rows, depth first. */
  rows(depth = 0): PlanStageRow[] {
    const { name, kind, tried, solutions, best_cost } = this;
    const own: PlanStageRow = {
      depth,
      name,
      kind,
      tried,
      solutions,
      best_cost: Number.isFinite(best_cost) ? best_cost : null,
      failures: this.failures(),
    };
    return [own, ...this.inner.flatMap((record) => record.rows(depth + 1))];
  }
}

const OTHER = 'other reasons';
