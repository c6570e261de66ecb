import { InProcessBus, type Qos, SimClock } from '../../contracts/index.ts';
import type { HostBus } from '../../ros/index.ts';

type Answer = (request: Readonly<Record<string, unknown>>) => object | Promise<object>;

/** A host's bus within one process: services of ROS types are called by name, what is advertised is kept. */
export class InProcessHostBus extends InProcessBus implements HostBus {
  readonly clock = new SimClock();
  readonly fullName: string;
  readonly errors: string[] = [];
  readonly answers = new Map<string, Answer>();
  readonly sent: { readonly name: string; readonly fields: Record<string, unknown> }[] = [];
  readonly open = new Set<string>();
  simulated: boolean | null = null;
  readonly raw = {
    advertise: (_type: string, name: string, _qos: Qos) => {
      this.open.add(name);
      return {
        publish: (fields: object) => void this.sent.push({ name, fields: { ...fields } }),
        close: () => void this.open.delete(name),
      };
    },
    serve: (_type: string, name: string, handler: Answer) => {
      this.answers.set(name, handler);
      return () => void this.answers.delete(name);
    },
  };

  constructor(fullName: string) {
    super({ onError: (error, where) => this.errors.push(`${where}: ${error}`) });
    this.fullName = fullName;
  }

  useSimTime(simulated: boolean): void {
    this.simulated = simulated;
  }

  async ask(name: string, request: object = {}): Promise<Record<string, unknown>> {
    const answer = this.answers.get(name);
    if (answer === undefined) throw new Error(`no service ${name}`);
    return { ...(await answer({ ...request })) };
  }
}
