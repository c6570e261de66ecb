import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { cli, lastJson, startCli } from '../../test/support/cli.ts';
import { hostedCli } from '../../test/support/cli_host.ts';
import { LONG } from '../../test/support/sweep.ts';

const GRAPH = join(PACKAGE_ROOT, 'graphs', 'pick_place.yaml');
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surepick-launch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const launchJson = z.object({
  schema: z.literal('surepick/launch'),
  bus: z.string(),
  interrupted: z.boolean(),
  failure: z.string(),
  errors: z.number(),
  nodes: z.array(z.object({ name: z.string(), state: z.string(), restarts: z.number() })),
  goals: z.array(z.looseObject({ node: z.string(), ok: z.boolean() })),
  goals_reached: z.number(),
});

describe('surepick launch, embedded', () => {
  it('runs the graph to a goal that is reached, records it, and ends by itself', async () => {
    const out = join(folder, 'goal');
    const ended = await cli(['launch', GRAPH, '--goal', 'world', '--pace', 'max', '--out', out, '--json'], folder);
    expect(ended.code, ended.stderr).toBe(0);
    const json = lastJson(ended, launchJson);
    expect(json).toMatchObject({ bus: 'embedded', goals_reached: 1, errors: 0, failure: '', interrupted: false });
    expect(json.nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(['control', 'safety', 'planning']));
    expect(readdirSync(out).filter((file) => file.endsWith('.mcap'))).toHaveLength(1);
    expect(readdirSync(out).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  it('says by its exit code that a goal was not reached', async () => {
    const nowhere = JSON.stringify({ task: 'pick-place', object: { class: 'box', colour: 'red' }, target: [5, 5, 0] });
    const args = ['launch', GRAPH, '--goal', nowhere, '--pace', 'max', '--out', join(folder, 'no'), '--json'];
    const ended = await hostedCli(args, folder);
    expect(ended.code, ended.stderr).toBe(1);
    expect(lastJson(ended, launchJson)).toMatchObject({ goals_reached: 0, goals: [{ ok: false }] });
  });

  it('runs two cells in two namespaces side by side', async () => {
    const two = join(PACKAGE_ROOT, 'graphs', 'two_robots.yaml');
    const args = ['launch', two, '--pace', 'max', '--duration', '0.5', '--out', join(folder, 'two'), '--json'];
    const ended = await hostedCli(args, folder);
    expect(ended.code, ended.stderr).toBe(0);
    const names = lastJson(ended, launchJson).nodes.map(({ name }) => name);
    for (const side of ['/left', '/right']) expect(names).toContain(`${side}/planning`);
  });

  it.each(LONG ? (['SIGINT', 'SIGTERM'] as const) : (['SIGINT'] as const))(
    'stops the arm and ends the nodes on %s, with exit code 130',
    async (signal) => {
      const running = startCli(['launch', GRAPH, '--goal', 'world', '--out', join(folder, signal), '--json'], folder);
      await running.said(/stage.*approach/);
      running.signal(signal);
      const ended = await running.ended;
      expect(ended.code, ended.stderr).toBe(130);
      const said = ended.stderr;
      expect(said).toMatch(/safety gate stopped/);
      expect(said.indexOf('safety gate stopped')).toBeLessThan(said.lastIndexOf('unconfigured'));
      expect(lastJson(ended, launchJson).interrupted).toBe(true);
    },
  );

  it.each([
    [['launch', 'none.yaml'], 'none.yaml: cannot be read'],
    [['launch', GRAPH, '--set', 'planning.seed=x'], '--set planning.seed=x'],
    [['launch', GRAPH, '--bus', 'can'], '--bus'],
  ])('refuses %j in one line', async (args, told) => {
    const { code, stderr } = await hostedCli(args, folder);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(told);
  });
});
