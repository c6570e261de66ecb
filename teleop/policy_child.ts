import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { atNiceness, NICENESS } from '../launch/index.ts';
import { type PolicySetup, policyWord } from './policy_words.ts';

export interface PolicyChildOptions {
  readonly setup: Omit<PolicySetup, 'kind'>;
  /** Of a process that uses ROS 2. */
  readonly env: Readonly<Record<string, string>>;
  /** It cannot be started with these policies. */
  readonly onRefused: (reason: string) => void;
  /** It has ended by itself. */
  readonly onExit: (how: string) => void;
}

/** Longer than an arm needs to be told to rest, ms. */
const END_MS = 3000;

/** The process that offers learned policies on a robot's ROS graph: what it reckons delays nobody who watches or stops. */
export class PolicyChild {
  private readonly process: ChildProcess;
  private ending = false;
  private refused = false;

  constructor({ setup, env, onRefused, onExit }: PolicyChildOptions) {
    const script = fileURLToPath(new URL('./policy_process.js', import.meta.url));
    const { NODE_OPTIONS: _options, ...own } = process.env;
    // What comes late moves nothing: before other work, where the system allows that, and after those with deadlines.
    const child = atNiceness(NICENESS.operator, () =>
      fork(script, [], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: { ...own, ...env },
      }),
    );
    this.process = child;
    child.send({ kind: 'setup', ...setup } satisfies PolicySetup);
    child.on('message', (message) => {
      const word = policyWord.parse(message);
      if (word.kind !== 'refused') return;
      this.refused = true;
      onRefused(word.reason);
    });
    child.on('exit', (code, signal) => {
      if (!this.ending && !this.refused) onExit(signal ?? `code ${code}`);
    });
  }

  end(): Promise<void> {
    const { process: child } = this;
    this.ending = true;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), END_MS).unref();
    });
  }
}
