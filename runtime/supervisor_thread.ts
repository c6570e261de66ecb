import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { EnablingDevice } from '../contracts/index.ts';
import type { OperatingMode, StopCategory } from '../safety/index.ts';
import type { StopCondition, SupervisorView } from './supervisor_core.ts';
import type { SupervisorAnswer, SupervisorRequest, SupervisorSetup } from './supervisor_thread_messages.ts';

const BEAT_MS = 10;

/** The main thread's side of the supervisor's thread. */
export class SupervisorThread {
  /** What it last knew; null before it said anything. */
  view: SupervisorView | null = null;
  private readonly worker: Worker;
  private readonly beats: Int32Array;
  private readonly timer: NodeJS.Timeout;
  private readonly questions = new Map<number, (refusal: string) => void>();
  private readonly onView: (view: SupervisorView) => void;
  private asked = 0;

  /**
   * @param onView  told what the supervisor knows, on change and ten times a second
   * @param onFailure  told what ended the thread; nothing is granted from then on
   */
  constructor(
    setup: Omit<SupervisorSetup, 'beats'>,
    onView: (view: SupervisorView) => void,
    onFailure: (error: Error) => void,
  ) {
    const beats = new SharedArrayBuffer(4);
    this.beats = new Int32Array(beats);
    this.onView = onView;
    const script = fileURLToPath(new URL('./supervisor_worker.js', import.meta.url));
    this.worker = new Worker(script, { workerData: { ...setup, beats } satisfies SupervisorSetup });
    this.worker.on('message', (answer: SupervisorAnswer) => this.hear(answer));
    this.worker.on('error', (error) => {
      for (const done of this.questions.values()) done('the supervisor has failed');
      this.questions.clear();
      onFailure(error instanceof Error ? error : new Error(String(error)));
    });
    this.timer = setInterval(() => Atomics.add(this.beats, 0, 1), BEAT_MS);
  }

  setActive(active: boolean): void {
    this.send({ kind: 'active', active });
  }

  requestStop(category: StopCategory, reason: string): void {
    this.send({ kind: 'stop', category, reason });
  }

  setConditions(conditions: readonly StopCondition[]): void {
    this.send({ kind: 'conditions', conditions });
  }

  setPace(pace: number, policies: boolean): void {
    this.send({ kind: 'pace', pace, policies });
  }

  setEnablingDevice(device: EnablingDevice): void {
    this.send({ kind: 'enabling_device', device });
  }

  setLimits(tool_speed_m_per_s: number | null, speed_share: number): void {
    this.send({ kind: 'limits', tool_speed_m_per_s, speed_share });
  }

  setEnvelope(sha256: string | null): void {
    this.send({ kind: 'envelope', sha256 });
  }

  /** Why the reset is refused; the empty string once motion is allowed again. */
  reset(): Promise<string> {
    return this.ask((id) => ({ kind: 'reset', id }));
  }

  setMode(mode: OperatingMode, enabled: boolean): Promise<string> {
    return this.ask((id) => ({ kind: 'mode', id, mode, enabled }));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.worker.terminate();
  }

  private send(request: SupervisorRequest): void {
    this.worker.postMessage(request);
  }

  private ask(request: (id: number) => SupervisorRequest): Promise<string> {
    const id = ++this.asked;
    const answer = new Promise<string>((resolve) => this.questions.set(id, resolve));
    this.send(request(id));
    return answer;
  }

  private hear(answer: SupervisorAnswer): void {
    if (answer.kind === 'view') {
      this.view = answer.view;
      this.onView(answer.view);
      return;
    }
    this.questions.get(answer.id)?.(answer.refusal);
    this.questions.delete(answer.id);
  }
}
