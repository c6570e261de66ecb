import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lastJson } from '../../test/support/cli.ts';
import { hostedCli } from '../../test/support/cli_host.ts';
import { LONG } from '../../test/support/sweep.ts';
import { linearPolicy } from '../../test/support/task_policies.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-eval-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** It goes down until the gate stops it. */
const { bytes, manifest } = linearPolicy(4, { action_mean: [0, 0, -1, 0, 0] });
writeFileSync(join(scratch, 'p.onnx'), bytes);
writeFileSync(join(scratch, 'p.manifest.json'), JSON.stringify(manifest));
writeFileSync(join(scratch, 'renamed.onnx'), bytes.slice(0, -1));
writeFileSync(join(scratch, 'renamed.manifest.json'), JSON.stringify(manifest));

const judged = z.looseObject({
  schema: z.literal('surepick/eval'),
  episodes: z.number(),
  successes: z.number(),
  failure_classes: z.array(z.object({ stage: z.string(), episodes: z.number() }).loose()),
  comparison: z.object({ second_only: z.number() }).loose().nullable(),
  digest: z.string(),
});

const curved = z.looseObject({
  suite: z.literal('robustness'),
  baseline: z.object({ episodes: z.literal(1) }).loose(),
  curves: z.array(
    z.object({
      factor: z.string(),
      unit: z.string(),
      points: z.array(z.object({ strength: z.number(), wilson95: z.tuple([z.number(), z.number()]) }).loose()),
    }),
  ),
});

describe('surepick eval', () => {
  it('plays the robustness suite: a curve a factor, as JSON and as a page', { timeout: 120_000 }, async () => {
    const suite = ['eval', '--policy', 'onnx:p.onnx', '--suite', 'robustness', '--episodes', '1', '--json'];
    const [factor, unit, strengths] = LONG
      ? (['command-delay', 's', [0, 0.01, 0.02, 0.04, 0.08]] as const)
      : (['push-or-slip', 'm', [0, 0.04]] as const);
    const args = [...suite, '--factors', factor, '--out', 'curves.html'];
    const { curves } = lastJson(await hostedCli(args, scratch), curved);
    expect(curves).toMatchObject([{ factor, unit }]);
    expect(curves[0].points.map(({ strength }) => strength)).toEqual(strengths);
    expect(readFileSync(join(scratch, 'curves.html'), 'utf8')).toContain(factor);
  });

  it.each([
    [['--suite', 'robustness', '--factors', 'light'], /factor light of a policy that sees no pictures/],
    [['--suite', 'robustness', '--factors', 'wind'], /factor "wind"/],
    [['--suite', 'robustness', '--disturb', 'push'], /--disturb with --suite robustness/],
    [['--factors', 'push'], /--factors: --suite robustness/],
    [['--disturb', 'push:7'], /disturbance push of strength "7"/],
  ])('%j is refused by name', async (more, message) => {
    const ended = await hostedCli(['eval', '--policy', 'onnx:p.onnx', '--episodes', '1', ...more], scratch);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(message);
  });

  it('judges a network beside the expert on the same worlds, the same for any workers', {
    timeout: 120_000,
  }, async () => {
    const args = ['eval', '--policy', 'onnx:p.onnx', '--episodes', '2', '--seed', '5', '--json'];
    const beside = ['--against', 'expert', '--out', 'page.html'];
    const one = lastJson(await hostedCli([...args, ...beside], scratch), judged);
    expect(one).toMatchObject({ episodes: 2, successes: 0, comparison: { second_only: 2 } });
    expect(one.failure_classes.reduce((sum, { episodes }) => sum + episodes, 0)).toBe(2);
    expect(readFileSync(join(scratch, 'page.html'), 'utf8')).toContain('How failed episodes ended');
    const two = lastJson(await hostedCli([...args, '--workers', '2'], scratch), judged);
    expect(two.digest).toBe(one.digest);
  });

  it.each([
    [['--policy', 'nobody'], 'policy nobody: stack, expert, random or onnx:FILE'],
    [['--policy', 'onnx:absent.onnx'], 'absent.manifest.json: cannot be read'],
    [['--policy', 'onnx:renamed.onnx'], 'renamed.onnx: SHA-256'],
    [['--policy', 'onnx:p.onnx', '--task', 'sort'], '--task sort: onnx:p.onnx does pick-place'],
    [['--policy', 'onnx:p.onnx', '--until-decided', '1'], 'above 0 and below 1'],
    [['--policy', 'onnx:p.onnx', '--promote', 'best'], '--promote without --suites'],
    [['--policy', 'expert', '--promote', 'best', '--suites', 's.json'], '--promote with --policy expert'],
    [['--policy', 'onnx:p.onnx', '--second-world'], '--engine cannon --second-world: --engine mujoco'],
  ])('%j is refused in one line, and nothing is written', async (args, said) => {
    const before = readdirSync(scratch);
    const { code, stdout, stderr } = await hostedCli(['eval', ...args, '--episodes', '1'], scratch);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(said);
    expect(readdirSync(scratch)).toEqual(before);
  });
});
