// Has `expect` cost a third of what it does: sweeps call it by the hundred thousand.
import { beforeEach, chai, expect } from 'vitest';

/** Where vitest keeps the state of every `expect`: each call defines all of its properties anew, to count itself. */
const STATES = globalThis[Symbol.for('matchers-object')];

/** All but the count stand behind the state, as its prototype, where they are read as before. */
beforeEach(() => {
  const state = STATES.get(expect);
  const before = Object.getPrototypeOf(state);
  const behind = Object.defineProperties(
    {},
    {
      ...(before === Object.prototype ? {} : Object.getOwnPropertyDescriptors(before)),
      ...Object.getOwnPropertyDescriptors(state),
    },
  );
  const assertionCalls = { value: 0, writable: true, enumerable: true, configurable: true };
  STATES.set(expect, Object.create(behind, { assertionCalls }));
});

// Misspelt assertions are found by the compiler: no proxy has to look for them.
chai.config.useProxy = false;
