import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { Launched } from '../test/support/launched.ts';
import { freshDomain, requireRos } from '../test/support/ros.ts';

let scratch = '';
let launched: Launched | null = null;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'surepick-graph-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => {
  launched?.killAll();
  launched = null;
});

async function launch(ctx: TestContext, graph: object, ...args: string[]): Promise<Launched> {
  const folder = mkdtempSync(join(scratch, 'launch-'));
  launched = Launched.start(await requireRos(ctx), folder, freshDomain(), graph, args);
  return launched;
}

const UP = /up; Ctrl-C/;
const quick = { backoff_s: 0.05 };
const planning = { kind: 'planning', restart: quick };

describe('a graph as processes of ROS 2', () => {
  it('brings dead and frozen processes back to the state they had, and leaves none behind', {
    timeout: 90_000,
  }, async (ctx) => {
    const graph = await launch(ctx, {
      nodes: {
        safety: { kind: 'safety' },
        planning,
        robot_state_publisher: { kind: 'robot_state_publisher', process: 'planning', state: 'inactive' },
      },
      programs: { other: { command: ['/bin/sh', '-c', 'echo hello; exec sleep 1000', 'other-of-graph'] } },
    });
    const { running } = graph;
    await running.said(UP);
    await running.said(/other +hello/);
    expect(graph.processes()).toHaveLength(2);
    const first = graph.pidOf('planning');
    process.kill(first, 'SIGKILL');
    await running.said(/planning was ended by SIGKILL; started again[\s\S]*planning is back/);
    const second = graph.pidOf('planning');
    process.kill(second, 'SIGSTOP');
    await running.said(/planning is silent for 1 s: killed[\s\S]*planning is back/);
    expect(new Set([first, second, graph.pidOf('planning')]).size).toBe(3);
    running.signal('SIGTERM');
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(130);
    await graph.untilNoneIsLeft(100);
    // What was only inactive has come back as that.
    const lines = stderr.split('\n').filter((line) => /robot_state_publisher +active/.test(line));
    expect(lines).toEqual([]);
    expect(stderr.match(/planning +active/g)).toHaveLength(3);
  });

  it('ends when its launcher is killed, its programs too', async (ctx) => {
    const name = `program-of-${Math.abs(process.pid)}-${Date.now()}`;
    const graph = await launch(ctx, {
      nodes: { safety: { kind: 'safety' }, planning },
      programs: { other: { command: ['/bin/sh', '-c', `echo ${name} $$; exec sleep 1000`] } },
    });
    const { running } = graph;
    await running.said(UP);
    running.signal('SIGKILL');
    const { stderr } = await running.ended;
    await graph.untilNoneIsLeft(30_000);
    const pid = Number(new RegExp(`${name} (\\d+)`).exec(stderr)?.[1]);
    for (let wait = 0; wait < 100 && isAlive(pid); wait++) await sleep(100);
    expect(isAlive(pid)).toBe(false);
  });

  it('comes down with the reason when what it needs cannot be had', async (ctx) => {
    const never = { kind: 'planning', restart: { policy: 'never' } };
    const graph = await launch(ctx, { nodes: { safety: { kind: 'safety' }, planning: never } });
    await graph.running.said(UP);
    process.kill(graph.pidOf('planning'), 'SIGKILL');
    const lost = await graph.running.ended;
    expect(lost.code, lost.stderr).toBe(1);
    expect(lost.stderr).toMatch(/^error: planning was ended by SIGKILL; its policy is never to start it again$/m);
    await graph.untilNoneIsLeft(100);
  });

  it('comes down with the reason when a node cannot be configured', async (ctx) => {
    const parameters = { model: 'no-such-model' };
    const graph = await launch(ctx, { nodes: { planning, perception: { kind: 'perception', parameters } } });
    const { code, stderr } = await graph.running.ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/^error: configure of perception: .*no-such-model/m);
    await graph.untilNoneIsLeft(100);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
