import { describe, expect, it } from 'vitest';
import { InProcessBus, SILENT_LOG, SimClock, secondsToStamp, TOPICS } from '../contracts/index.ts';
import { restartSchema } from './graph.ts';
import { type MortalNode, RevivedNode } from './revived_node.ts';

const POLICY = restartSchema.parse({ max: 3, within_s: 60, backoff_s: 0.5 });

/** Nodes that do what they are told and die when they are told to. */
function revived(policy = POLICY, stillborn = 0) {
  const begun: { readonly did: string[]; readonly die: (why: string) => void }[] = [];
  const lost: string[] = [];
  const [bus, clock] = [new InProcessBus(), new SimClock()];
  const node = new RevivedNode({
    ...{ name: 'planning', full_name: '/planning', policy },
    begin: (onLost) => {
      const did: string[] = [];
      const bears = begun.length === 0 || begun.length > stillborn;
      const mortal: MortalNode = {
        name: 'planning',
        configure: async () => {
          if (!bears) throw new Error('it cannot be built');
          did.push('configure');
        },
        activate: () => void did.push('activate'),
        deactivate: () => void did.push('deactivate'),
        cleanup: async () => void did.push('cleanup'),
        changed: async () => {},
        tell: (fields) => void did.push(JSON.stringify(fields)),
        kill: async () => onLost(new Error('killed')),
      };
      begun.push({ did, die: (why) => onLost(new Error(why)) });
      return mortal;
    },
    onLost: ({ message }) => lost.push(message),
  });
  const alarms: string[] = [];
  bus.subscribe(TOPICS.diagnostics, 'test', ({ status }) => {
    for (const { level, name, message } of status) alarms.push(`${level} ${name}: ${message}`);
  });
  const pass = async (seconds: number) => {
    for (let s = 0; s < seconds - 1e-9; s += 0.1) {
      clock.advance(clock.now_ns() + secondsToStamp(0.1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const start = async () => {
    await node.configure({ bus, clock, log: SILENT_LOG });
    node.activate();
  };
  return { node, begun, lost, alarms, pass, start };
}

describe('a node that is lost', () => {
  it('is begun again after its wait in the state that is wanted, and is an error on diagnostics until then', async () => {
    const { node, begun, lost, alarms, pass, start } = revived();
    await start();
    begun[0].die('out of memory');
    expect(lost).toEqual(['out of memory']);
    expect(alarms).toEqual(['error /planning: out of memory; it is started again']);
    await pass(0.4);
    expect(begun).toHaveLength(1);
    await pass(0.2);
    expect(begun[1].did).toEqual(['configure', 'activate']);
    await pass(3);
    expect(alarms).toHaveLength(1);
    node.tell({ a: 1 });
    expect(begun[1].did.at(-1)).toBe('{"a":1}');
    node.deactivate();
    begun[1].die('again');
    await pass(1.1);
    expect(begun[2].did).toEqual(['configure']);
  });

  it('waits twice as long each time, and stays an error once its policy has it no more', async () => {
    const { node, begun, alarms, pass, start } = revived();
    await start();
    for (const [k, wait_s] of [0.5, 1, 2].entries()) {
      await node.kill();
      await pass(wait_s - 0.1);
      expect(begun, `death ${k}`).toHaveLength(k + 1);
      await pass(0.2);
      expect(begun, `death ${k}`).toHaveLength(k + 2);
    }
    await node.kill();
    const before = alarms.length;
    await pass(10);
    expect(begun).toHaveLength(4);
    expect(alarms.length - before).toBeGreaterThanOrEqual(9);
    expect(alarms.at(-1)).toMatch(/killed; it was started again 3 times within 60 s already/);
  });

  it('that cannot be built the second time is tried again, one told of each death, and counts once', async () => {
    const { begun, lost, pass, start } = revived(POLICY, 1);
    await start();
    begun[0].die('killed');
    begun[0].die('an echo');
    await pass(0.6);
    expect(lost).toEqual(['killed', 'it cannot be built']);
    expect(begun[1].did).toEqual(['cleanup']);
    await pass(1.1);
    expect(begun[2].did).toEqual(['configure', 'activate']);
  });

  it('at its end, or before it was up, is not begun again', async () => {
    const { node, begun, lost, alarms, pass, start } = revived();
    begun[0].die('early');
    await pass(2);
    expect([lost.length, begun.length, alarms.length]).toEqual([1, 1, 0]);
    const other = revived();
    await other.start();
    other.begun[0].die('killed');
    await other.node.cleanup();
    await other.pass(5);
    expect(other.begun).toHaveLength(1);
    expect(other.alarms).toHaveLength(1);
    await start();
    await node.cleanup();
  });

  it('whose policy is never to be started again is only told', async () => {
    const { node, begun, alarms, pass, start } = revived(restartSchema.parse({ policy: 'never' }));
    await start();
    await node.kill();
    await pass(3);
    expect(begun).toHaveLength(1);
    expect(alarms.at(-1)).toMatch(/its policy is never to start it again/);
  });
});
