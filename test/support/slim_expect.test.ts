import { describe, expect, it } from 'vitest';

describe.each([1, 2])('the state of expect, in its test number %i', (number) => {
  it('counts from the beginning, knows its test, and has nothing but the count to define anew', () => {
    for (let k = 0; k < 5; k++) expect(k).toBe(k);
    const state = expect.getState();
    expect(state.assertionCalls).toBe(5);
    expect(Object.keys(state)).toEqual(['assertionCalls']);
    expect(state.currentTestName).toContain(`number ${number} > counts`);
    expect(state.testPath).toBe(import.meta.filename);
  });

  it('says what failed, and how many assertions there were to be', () => {
    expect.assertions(2);
    expect(() => expect([number], 'why').toEqual([3])).toThrow(/why: expected \[ \d \] to deeply equal \[ 3 \]/);
  });
});
