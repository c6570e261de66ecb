import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PACKAGE_ROOT, type Qos } from '../../contracts/index.ts';
import { type RosProcess, type RosTestbed, startRclpy } from './ros.ts';

const SCRIPT = join(PACKAGE_ROOT, 'test', 'support', 'ros_peer.py');

// biome-ignore lint/suspicious/noExplicitAny: answers of a peer in any form; tests compare them with what they expect
type Answer = Record<string, any>;

/** An rclpy node that we did not write, asked one thing at a time. */
export class RosPeer {
  private readonly started: RosProcess;
  private readonly waiting: ((answer: Answer) => void)[] = [];
  private failure = '';

  private constructor(started: RosProcess) {
    this.started = started;
    const { stdout } = started.child;
    if (stdout === null) throw new Error('the peer has no output');
    createInterface({ input: stdout }).on('line', (line) => this.waiting.shift()?.(JSON.parse(line)));
    started.ended.then(({ stderr }) => {
      this.failure = `the peer ended: ${stderr}`;
      for (const waiting of this.waiting.splice(0)) waiting({ error: this.failure });
    });
  }

  static async start(ros: RosTestbed, domain: number): Promise<RosPeer> {
    const peer = new RosPeer(startRclpy(ros, readFileSync(SCRIPT, 'utf8'), [], { domain }));
    await peer.answer();
    return peer;
  }

  /** Calls a service by its fields. */
  call(type: string, name: string, request: object): Promise<Answer> {
    return this.ask('call', { type, name, request });
  }

  /** Sends a request and does not wait: the answer comes with `finish`. */
  async begin(type: string, name: string, request: object): Promise<void> {
    await this.ask('begin', { type, name, request });
  }

  finish(name: string): Promise<Answer> {
    return this.ask('finish', { name });
  }

  /** Collects a topic's messages from now on. */
  async subscribe(type: string, name: string, qos: Partial<Qos> = {}): Promise<void> {
    await this.ask('subscribe', { type, name, qos });
  }

  /** Waits until what is subscribed has a publisher: from then on nothing reliable is lost. */
  async matched(name: string, timeout_s = 20): Promise<void> {
    for (let waited = 0; waited < timeout_s * 1000; waited += 20) {
      if ((await this.ask('matched', { name })).publishers > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${name}: no publisher within ${timeout_s} s`);
  }

  /** Messages since the last look. */
  async take(name: string): Promise<Answer[]> {
    return (await this.ask('take', { name })).messages;
  }

  /** Looks until `enough` of what has come. */
  async collect(name: string, enough: (messages: readonly Answer[]) => boolean, timeout_s = 20): Promise<Answer[]> {
    const all: Answer[] = [];
    for (let waited = 0; waited < timeout_s * 1000; waited += 20) {
      all.push(...(await this.take(name)));
      if (enough(all)) return all;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${name}: not enough within ${timeout_s} s: ${JSON.stringify(all).slice(0, 2000)}`);
  }

  publish(type: string, name: string, message: object): Promise<Answer> {
    return this.ask('publish', { type, name, message });
  }

  /** Who publishes and who subscribes to a topic, with type and QoS. */
  endpoints(name: string): Promise<Answer> {
    return this.ask('endpoints', { name });
  }

  /** Names and types of all that is there. */
  graph(): Promise<Answer> {
    return this.ask('graph', {});
  }

  /** Starts rclpy's own lifecycle node, with these parameters, in the peer's process. */
  async startOracle(name: string, parameters: object = {}): Promise<void> {
    await this.ask('start_oracle', { name, parameters });
  }

  async stop(): Promise<void> {
    this.started.child.stdin?.end();
    const timer = setTimeout(() => this.started.child.kill('SIGKILL'), 5000);
    await this.started.ended;
    clearTimeout(timer);
  }

  private async ask(op: string, args: object): Promise<Answer> {
    const text = JSON.stringify({ op, args }, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    const answer = this.answer();
    this.started.child.stdin?.write(`${text}\n`);
    const got = await answer;
    if (got.error !== undefined) throw new Error(`peer ${op} ${text}: ${got.error}`);
    return got;
  }

  private answer(): Promise<Answer> {
    if (this.failure !== '') return Promise.resolve({ error: this.failure });
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
