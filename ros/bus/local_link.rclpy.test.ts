import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { compiledProgram } from '../../test/support/programs.ts';
import {
  freshDomain,
  type RosProcess,
  type RosTestbed,
  requireRos,
  runRclpy,
  startUnderRos,
} from '../../test/support/ros.ts';

const TOPIC = '/numbers';
const ROUNDS = 2;
/** A reader that is not ours: joins and leaves, and prints what it heard each time. */
const LISTENER = `
import json, sys, time
import rclpy
from std_msgs.msg import Int32
rclpy.init()
node = rclpy.create_node('listener')
for _ in range(int(sys.argv[1])):
    heard = []
    subscription = node.create_subscription(Int32, '${TOPIC}', lambda message: heard.append(message.data), 1000)
    end = None
    while end is None or time.monotonic() < end:
        rclpy.spin_once(node, timeout_sec=0.02)
        if heard and end is None:
            end = time.monotonic() + 0.4
    node.destroy_subscription(subscription)
    print(json.dumps(heard), flush=True)
    time.sleep(0.4)
node.destroy_node()
rclpy.try_shutdown()
`;

const link = z.object({ peers: z.number(), sent: z.number(), dropped: z.number() });
const heard = z.object({ heard: z.record(z.string(), z.array(z.number())), errors: z.array(z.string()), link });
const sent = z.object({ sent: z.number(), errors: z.array(z.string()), rss_mb: z.number(), link });
const numbers = z.array(z.number());

class Processes {
  private readonly ros: RosTestbed;
  private readonly program: string;
  private readonly domain = freshDomain();

  constructor(ros: RosTestbed, program: string) {
    this.ros = ros;
    this.program = program;
  }

  async start(role: string, topic: string, ...more: readonly string[]): Promise<RosProcess> {
    const args = [role, topic, ...more];
    const env = { SUREPICK_LOCAL_LINK: '1' };
    const started = startUnderRos(this.ros, [process.execPath, this.program, ...args], { domain: this.domain, env });
    await started.line(/^ready/);
    return started;
  }

  /** What a foreign reader heard each time that it joined. */
  async foreign(times: number): Promise<readonly (readonly number[])[]> {
    const out = await runRclpy(this.ros, LISTENER, [String(times)], { domain: this.domain });
    return out
      .trim()
      .split('\n')
      .map((line) => numbers.parse(JSON.parse(line)));
  }
}

async function end(started: RosProcess, line: RegExp): Promise<unknown> {
  started.child.stdin?.end();
  const text = await started.line(line);
  const { code, stderr } = await started.ended;
  expect(code, stderr).toBe(0);
  return JSON.parse(text);
}

let asked = 0;
const lastOf = z.object({ last: z.array(z.number()) });
const askedOf = z.object({ sent: z.number(), subscribers: z.number(), link });

/** What a process says of itself at the moment. */
async function ask<T>(started: RosProcess, schema: z.ZodType<T>): Promise<T> {
  const word = `q${asked++}.`;
  started.child.stdin?.write(`${word}\n`);
  return schema.parse(JSON.parse(await started.line(new RegExp(`"${word}"`))));
}

const until = (check: () => Promise<boolean>, timeout = 20_000) =>
  vi.waitFor(async () => expect(await check()).toBe(true), { timeout, interval: 50 });
/** The middleware itself goes on to list a process that was killed for 20 s, as long as its lease lasts. */
const LEASE_AND_MORE_MS = 45_000;

const sleep = (time_ms: number) => new Promise((resolve) => setTimeout(resolve, time_ms));
/** First place where a list does not count on by one. */
const breaks = (list: readonly number[]) =>
  list.flatMap((n, i) => (i > 0 && n !== list[i - 1] + 1 ? [`${list[i - 1]} then ${n}`] : []));

describe('messages by links', () => {
  it('are missed and doubled by nobody when readers of the middleware join and leave a numbered stream', async (ctx) => {
    const processes = new Processes(await requireRos(ctx), await compiledProgram('local_link_program'));
    const hearer = await processes.start('hear', TOPIC);
    const sender = await processes.start('send', TOPIC, '2');
    for (const list of await processes.foreign(ROUNDS)) {
      expect(list.length).toBeGreaterThan(20);
      expect(breaks(list)).toEqual([]);
    }
    const all = sent.parse(await end(sender, /^{"sent"/));
    await sleep(300);
    const ours = heard.parse(await end(hearer, /^{"heard"/));
    expect([...all.errors, ...ours.errors]).toEqual([]);
    expect(breaks(ours.heard[TOPIC])).toEqual([]);
    expect(ours.heard[TOPIC].at(0)).toBe(1);
    expect(ours.heard[TOPIC].at(-1)).toBe(all.sent);
    expect(all.link).toMatchObject({ peers: 1, dropped: 0 });
    expect(all.link.sent).toBeGreaterThan(100);
    expect(all.link.sent).toBeLessThan(all.sent - 100);
  });

  it('are held up by no process that is frozen or killed, and reach one that is started after it', async (ctx) => {
    const processes = new Processes(await requireRos(ctx), await compiledProgram('local_link_program'));
    const steady = await processes.start('hear', TOPIC);
    const victim = await processes.start('hear', TOPIC);
    const sender = await processes.start('send', TOPIC, '2');
    await until(async () => (await ask(victim, lastOf)).last[0] > 0);
    victim.child.kill('SIGSTOP');
    const before = await ask(steady, lastOf);
    await sleep(500);
    const frozen = await ask(steady, lastOf);
    expect(frozen.last[0] - before.last[0]).toBeGreaterThan(20);
    victim.child.kill('SIGCONT');
    const caught = (await ask(sender, askedOf)).sent;
    await until(async () => (await ask(victim, lastOf)).last[0] > caught);
    victim.child.kill('SIGKILL');
    await victim.ended;
    // The graph goes on to list the dead one; once its end has been noticed everyone else is reached by links.
    await until(async () => {
      const from = await ask(sender, askedOf);
      await sleep(300);
      const { sent: of, link } = await ask(sender, askedOf);
      return link.peers === 1 && link.sent - from.link.sent > 0.8 * (of - from.sent);
    }, LEASE_AND_MORE_MS);
    const after = await ask(sender, askedOf);
    const next = await processes.start('hear', TOPIC);
    await until(async () => (await ask(next, lastOf)).last[0] > after.sent);
    const all = sent.parse(await end(sender, /^{"sent"/));
    await sleep(300);
    for (const one of [steady, next]) {
      const { heard: lists, errors } = heard.parse(await end(one, /^{"heard"/));
      expect(errors).toEqual([]);
      expect(breaks(lists[TOPIC])).toEqual([]);
      expect(lists[TOPIC].at(-1)).toBe(all.sent);
    }
    expect(all.errors).toEqual([]);
  });
});
