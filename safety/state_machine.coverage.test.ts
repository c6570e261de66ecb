import { Session } from 'node:inspector/promises';
import { expect, it } from 'vitest';
import { OPERATING_MODES, SAFETY_MODES } from '../contracts/index.ts';

/** By V8's block coverage: a block of code that never ran, or never was passed by, is a branch nobody tested. */
it('every branch of the state machine is taken and not taken, and every function runs', async () => {
  const session = new Session();
  session.connect();
  await session.post('Debugger.enable');
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  // Loaded only now, so that what runs at once is counted too.
  const { isOperating, SAFETY_EVENTS, SafetyStateMachine, TRANSITIONS } = await import('./state_machine.ts');
  for (const mode of SAFETY_MODES) {
    for (const selected of OPERATING_MODES) {
      for (const event of SAFETY_EVENTS) {
        for (const latched of [0, 1]) {
          const machine = new SafetyStateMachine();
          machine.mode = mode;
          machine.selected = selected;
          machine.latched_reasons = latched;
          machine.handle(event, 2);
          const next = TRANSITIONS[mode][event];
          const expected = event === 'cleared' && latched !== 0 ? mode : next === 'selected' ? machine.selected : next;
          expect(machine.mode).toBe(expected);
          expect(machine.latched).toBe(machine.latched_reasons !== 0);
          expect(isOperating(machine.mode)).toBe(OPERATING_MODES.some((operating) => operating === machine.mode));
        }
      }
    }
  }
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const script = result.find(({ url }) => url.endsWith('/safety/state_machine.ts'));
  expect(script).toBeDefined();
  const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId: script?.scriptId ?? '' });
  session.disconnect();

  const functions = (script?.functions ?? []).filter(({ functionName }) => functionName !== '');
  expect(functions.map(({ functionName }) => functionName)).toEqual(
    expect.arrayContaining(['resting', 'operating', 'isOperating', 'handle', 'get latched']),
  );
  let branches = 0;
  for (const { functionName, ranges } of functions) {
    expect(ranges[0].count, functionName).toBeGreaterThan(0);
    for (const block of ranges.slice(1)) {
      const around = ranges.filter(
        (r) => r !== block && r.startOffset <= block.startOffset && r.endOffset >= block.endOffset,
      );
      const label = `${functionName}: ${scriptSource.slice(block.startOffset, block.endOffset)}`;
      expect(block.count, label).toBeGreaterThan(0);
      expect(block.count, label).toBeLessThan(around.at(-1)?.count ?? 0);
      branches++;
    }
  }
  // Cases of the switch, both sides of every condition, alternatives of isOperating.
  expect(branches).toBeGreaterThanOrEqual(15);
});
