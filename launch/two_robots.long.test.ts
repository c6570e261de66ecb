import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Launched } from '../test/support/launched.ts';
import { freshDomain, requireRos } from '../test/support/ros.ts';
import { RosPeer } from '../test/support/ros_peer.ts';

const STATE = 'surepick_msgs/msg/SafetyState';
const LATCHED = { durability: 'transient_local', reliability: 'reliable', depth: 1 } as const;
const ASKED = 'a stop was asked for';

let scratch = '';
let launched: Launched | null = null;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'surepick-two-'));
});
afterAll(() => {
  launched?.killAll();
  rmSync(scratch, { recursive: true });
});

describe('two robots in two namespaces of one domain', () => {
  it('hear nothing of each other: a stop of one, its state, its joints, its clock', async (ctx) => {
    const ros = await requireRos(ctx);
    const domain = freshDomain();
    const cell = {
      ...{ schema: 'surepick/graph', version: 1 },
      nodes: {
        sim: { kind: 'sim', parameters: { cameras: false } },
        safety: { kind: 'safety' },
        control: { kind: 'control' },
      },
    };
    writeFileSync(join(scratch, 'cell.yaml'), stringify(cell));
    const include = ['/left', '/right'].map((namespace) => ({ file: 'cell.yaml', namespace }));
    launched = Launched.start(ros, scratch, domain, { include });
    const peer = await RosPeer.start(ros, domain);
    try {
      await launched.running.said(/up; Ctrl-C/);
      for (const side of ['/left', '/right']) await peer.subscribe(STATE, `${side}/safety/state`, LATCHED);
      const stopped = await peer.call('std_srvs/srv/Trigger', '/left/safety/stop', {});
      expect(stopped.success).toBe(true);
      const left = await peer.collect('/left/safety/state', (states) => states.some(asked));
      expect(left.filter(asked).every(({ mode }) => mode === 4)).toBe(true);
      const right = await peer.collect('/right/safety/state', (states) => states.length > 10);
      expect(right.some(asked)).toBe(false);
      const { topics } = await peer.graph();
      const names = Object.keys(topics);
      for (const topic of ['/joint_states', '/clock', '/safety/state', '/heartbeats']) {
        expect(names, names.join(' ')).toEqual(expect.arrayContaining([`/left${topic}`, `/right${topic}`]));
        expect(names).not.toContain(topic);
      }
    } finally {
      await peer.stop();
    }
    launched.running.signal('SIGINT');
    const { code, stderr } = await launched.running.ended;
    expect(code, stderr).toBe(130);
    await launched.untilNoneIsLeft(100);
  });
});

function asked({ reasons }: { reasons?: unknown }): boolean {
  return Array.isArray(reasons) && reasons.includes(ASKED);
}
