import { defineConfig } from 'vitest/config';

const TESTS = ['state_machine', 'stopping_tail', 'gate', 'gate.modes', 'gate.reset', 'gate.clock', 'gate.interfaces'];

/** The quick tests of modes, stops and gate, which every mutant of `npm run mutation` has to pass by. */
export default defineConfig({
  test: { include: TESTS.map((name) => `safety/${name}.test.ts`), testTimeout: 20_000 },
});
