import { Command, CommanderError } from 'commander';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { addPhysicsCheck } from './physics_check.ts';

const checked = z.strictObject({
  schema: z.literal('surepick/physics-check'),
  version: z.number(),
  engine: z.string(),
  steps_s: z.array(z.number()),
  passed: z.boolean(),
  failed: z.number(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      expected: z.number(),
      measured: z.number(),
      tolerance: z.number(),
      unit: z.string(),
      pass: z.boolean(),
    }),
  ),
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs the verb; returns the last line of stdout and what was said. */
async function physicsCheck(...args: string[]): Promise<{ readonly line: string; readonly said: string }> {
  const lines: string[] = [];
  const said: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const program = new Command('surepick').exitOverride().configureOutput({ writeErr: () => {} });
  addPhysicsCheck(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(['physics-check', ...args], { from: 'user' });
  return { line: lines.at(-1) ?? '', said: said.join('') };
}

describe('physics-check', () => {
  test('at a step too long for some laws says which fail, with figures, and ends with 1', async () => {
    const { line, said } = await physicsCheck('--quick', '--dt', '0.01', '--json');
    const { passed, failed, checks, steps_s } = checked.parse(JSON.parse(line));
    expect(steps_s).toEqual([0.01]);
    expect(passed).toBe(false);
    expect(failed).toBe(checks.filter(({ pass }) => !pass).length);
    expect(
      checks.some(({ name, pass }) => name === 'free fall: recurrence of the integrator [step 0.01 s]' && pass),
    ).toBe(true);
    expect(said).toContain('FAILED');
    expect(said).toContain(`${checks.length - failed} of ${checks.length} checks hold`);
    expect(process.exitCode).toBe(1);
  });

  test.each([
    ['--engine', 'bullet'],
    ['--dt', '0'],
    ['--dt', '1'],
    ['--dt', 'fast'],
  ])('refuses %s %s', async (option, value) => {
    await expect(physicsCheck(option, value)).rejects.toThrow(CommanderError);
  });
});
