import { describe, expect, it } from 'vitest';
import { ACTIONS, permits, ROLES } from './roles.ts';

describe('roles', () => {
  it('let whoever is known look and stop', () => {
    for (const role of ROLES) expect([permits(role, 'view'), permits(role, 'stop')], role).toEqual([true, true]);
  });

  it('let a viewer do nothing else', () => {
    const others = ACTIONS.filter((action) => action !== 'view' && action !== 'stop');
    expect(others.filter((action) => permits('viewer', action))).toEqual([]);
  });

  it('are in order: each may do what those before it may', () => {
    for (let i = 1; i < ROLES.length; i++)
      for (const action of ACTIONS)
        if (permits(ROLES[i - 1], action)) expect(permits(ROLES[i], action), `${ROLES[i]} ${action}`).toBe(true);
  });

  it('keep approvals and what concerns others to supervisors', () => {
    expect(ACTIONS.filter((action) => !permits('operator', action))).toEqual(['approve', 'administer']);
    expect(ACTIONS.filter((action) => !permits('supervisor', action))).toEqual([]);
  });
});
