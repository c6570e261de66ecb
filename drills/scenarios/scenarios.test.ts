import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { compiledProgram } from '../../test/support/programs.ts';
import { LONG } from '../../test/support/sweep.ts';
import { PICTURES_FOLDER, scenariosDocument } from './document.ts';
import { unmet } from './expectation.ts';
import { mosaic } from './mosaic.ts';
import { scenarioPage } from './page.ts';
import { type ScenarioRun, ScenarioRunner } from './run_scenario.ts';
import { chooseScenarios, readScenarios } from './scenario.ts';
import { storyboard } from './storyboard.ts';

const SUITE = readScenarios();
/** Mean difference of two pictures of the same, of 255: what JPEG and another library's rounding leave. */
const SAME = 2;

/** What the short form plays: a stop by contact, a sensor that is covered, and a policy that cannot be followed. */
const SHORT = ['bumped_arm', 'covered_camera', 'policy_of_noise'];
const PLAYED = SUITE.scenarios.filter(({ name }) => LONG || SHORT.includes(name));

let runner: ScenarioRunner;
let worker = '';
const runs: ScenarioRun[] = [];

beforeAll(async () => {
  runner = await ScenarioRunner.create();
  worker = join(dirname(await compiledProgram('flood')), '..', '..', 'stack', 'policies', 'onnx_policy_worker.js');
}, 240_000);

afterAll(() => runner.close());

async function pixels(jpeg: Buffer): Promise<Buffer> {
  return sharp(jpeg).raw().toBuffer();
}

describe('scenarios of the file', () => {
  it.each(PLAYED.map((scenario) => [scenario.name, scenario] as const))(
    '%s goes as expected, and as its picture shows',
    async (name, scenario) => {
      const run = await runner.run(scenario, SUITE.cell, worker);
      expect(run.unmet, run.entries.map(({ time_s, text }) => `${time_s} ${text}`).join('\n')).toEqual([]);
      runs.push(run);
      const drawn = await pixels(await mosaic(run));
      const shown = await pixels(readFileSync(join(PACKAGE_ROOT, 'docs', PICTURES_FOLDER, `${name}.jpg`)));
      expect(drawn.length).toBe(shown.length);
      let sum = 0;
      for (let i = 0; i < drawn.length; i++) sum += Math.abs(drawn[i] - shown[i]);
      expect(sum / drawn.length).toBeLessThan(SAME);
    },
  );

  it('are documented as they are', () => {
    expect(readFileSync(join(PACKAGE_ROOT, 'docs', 'scenarios.md'), 'utf8')).toBe(scenariosDocument(SUITE));
  });

  it('make a page with a picture of every moment and nothing from elsewhere', async () => {
    const page = await scenarioPage(runs);
    for (const { scenario } of runs) expect(page).toContain(`id="${scenario.name}"`);
    const moments = runs.reduce((sum, run) => sum + storyboard(run).length, 0);
    expect(moments).toBeGreaterThanOrEqual(3 * runs.length);
    expect(page.match(/src="data:image\/jpeg/g)).toHaveLength(moments);
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  });

  it('fail when anything else comes than what is expected', () => {
    const bumped = runs.find(({ scenario }) => scenario.name === 'bumped_arm');
    if (bumped === undefined) throw new Error('bumped_arm was not played');
    const spoiled = (changes: Partial<ScenarioRun>) => unmet({ ...bumped, ...changes });
    expect(spoiled({ changes: [] })).toEqual([expect.stringContaining('did not come')]);
    expect(spoiled({ began_s: bumped.began_s - 1, ended_s: bumped.ended_s })).toEqual([
      expect.stringContaining('0.1 s allowed'),
    ]);
    expect(spoiled({ second: null })).toEqual(['goal afterwards: has not ended']);
    expect(spoiled({ first: bumped.second })).toEqual([expect.stringContaining('expected safety')]);
    expect(spoiled({ violations: 1 })).toEqual([expect.stringContaining('outside a limit')]);
    expect(spoiled({ checks: { at_target: false } })).toEqual(['at the end not at_target']);
    expect(spoiled({ scenario: { ...bumped.scenario, reaction: null } })[0]).toContain('no reaction expected');
  });
});

describe('what cannot be used', () => {
  it('is said with what is allowed', () => {
    expect(() => chooseScenarios(SUITE.scenarios, ['none'])).toThrow(InputError);
    expect(() => readScenarios(join(PACKAGE_ROOT, 'package.json'))).toThrow(/package\.json:\d+:\d+/);
  });
});
