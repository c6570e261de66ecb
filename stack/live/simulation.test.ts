import { afterEach, describe, expect, it } from 'vitest';
import { type ClockMessage, RESET_SCOPES, TOPICS } from '../../contracts/index.ts';
import { LockStepCell, PANDA } from '../../test/support/live_cell.ts';

const OK = { code: 1, message: '' };
const FOLLOWING = 1;
const HOLDING = 0;
const cells: LockStepCell[] = [];
async function cell(options: object = {}): Promise<LockStepCell> {
  const made = await LockStepCell.start(options);
  cells.push(made);
  return made;
}
afterEach(async () => {
  for (const made of cells.splice(0)) await made.close();
});

/** A cell whose arm swings at speed. */
async function swinging(options: object = {}): Promise<LockStepCell> {
  const made = await cell(options);
  made.swing(true);
  await made.turns(300);
  expect(made.phase).toBe(FOLLOWING);
  expect(made.joint1.velocity).toBeGreaterThan(0.4);
  return made;
}

function clockOf({ bus }: LockStepCell): ClockMessage[] {
  const stamps: ClockMessage[] = [];
  bus.subscribe(TOPICS.clock, 'test', (message) => void stamps.push(message));
  return stamps;
}

describe('states of a simulation', () => {
  it('bring the arm to rest before time stands still, and let no command through until it passes again', async () => {
    const made = await swinging();
    const stamps = clockOf(made);
    const { result } = await made.until(made.call('set_state', { state: 'paused' }));
    expect(result).toEqual(OK);
    expect(made.phase).toBe(HOLDING);
    expect(Math.abs(made.joint1.velocity)).toBeLessThan(0.02);
    const [at, position, taken] = [stamps.at(-1)?.stamp_ns, made.joint1.position, made.states.taken];
    await made.turns(600);
    expect(stamps.at(-1)?.stamp_ns).toBe(at);
    expect(made.joint1.position).toBe(position);
    expect(made.states.taken).toBe(taken + 600);
    expect((await made.call('set_state', { state: 'playing' })).result).toEqual(OK);
    await made.turns(50);
    expect(stamps.at(-1)?.stamp_ns).toBeGreaterThan(at ?? 0n);
    // What the controller now asks for is far from where the arm stands.
    expect(made.phase).toBe(HOLDING);
  });

  it('answer what cannot be by the code of the reason', async () => {
    const made = await swinging();
    const code = async (state: 'stopped' | 'playing' | 'paused') =>
      (await made.until(made.call('set_state', { state }))).result.code;
    expect(await code('playing')).toBe(101);
    const first = made.call('set_state', { state: 'paused' });
    await made.turns(1);
    expect((await made.call('set_state', { state: 'stopped' })).result).toMatchObject({ code: 102 });
    expect((await made.call('reset', { scope: 0 })).result).toMatchObject({ code: 3 });
    expect((await made.until(first)).result).toEqual(OK);
    expect(await code('paused')).toBe(101);
    expect((await made.call('get_state', {})).state).toBe('paused');
    expect(await code('stopped')).toBe(1);
    expect(await code('paused')).toBe(1);
    expect(await code('playing')).toBe(1);
    const quitting = await made.until(made.call('set_state', { state: 'quitting' }));
    expect(quitting.result).toEqual(OK);
    expect(await code('playing')).toBe(103);
    expect(made.quits).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(made.quits).toBe(1);
  });

  it('make as many steps as are asked for while time stands still', async () => {
    const made = await cell();
    const stamps = clockOf(made);
    expect((await made.call('step', { steps: 3 })).result).toMatchObject({ code: 3, message: /playing/ });
    await made.until(made.call('set_state', { state: 'paused' }));
    const before = (await made.call('get_entity', { entity: PANDA.name })).state.stamp_ns;
    expect((await made.call('step', { steps: 0 })).result.code).toBe(4);
    const long = made.call('step', { steps: 137 });
    await made.turns(1);
    expect((await made.call('step', { steps: 1 })).result).toMatchObject({ code: 3 });
    expect((await made.until(long)).result).toEqual(OK);
    const after = (await made.call('get_entity', { entity: PANDA.name })).state.stamp_ns;
    expect(after - before).toBe(137n * 2_000_000n);
    expect(stamps.at(-1)?.stamp_ns).toBe(after);
    expect((await made.call('get_state', {})).state).toBe('paused');
  });
});

describe('a reset', () => {
  it('stops the arm, brings everything back, and leaves time passing', async () => {
    const made = await swinging({ seed: 3 });
    const stamps = clockOf(made);
    const { entities } = await made.call('entities', { filter: '' });
    await made.call('delete', { entity: entities[1] });
    expect((await made.until(made.call('reset', { scope: RESET_SCOPES.all }))).result).toEqual(OK);
    await made.turns(10);
    expect((await made.call('get_state', {})).state).toBe('playing');
    expect((await made.call('entities', { filter: '' })).entities).toEqual(entities);
    expect(Math.abs(made.joint1.position - PANDA.home_q[0])).toBeLessThan(1e-3);
    expect(stamps.at(-1)?.stamp_ns).toBeLessThan(100_000_000n);
    // A controller that begins where the arm now is finds it waiting.
    made.swing(true);
    await made.turns(100);
    expect(made.phase).toBe(FOLLOWING);
  });

  it('of time alone moves nothing, and an unknown scope is refused', async () => {
    const made = await swinging();
    const stamps = clockOf(made);
    const { position } = made.joint1;
    expect((await made.until(made.call('reset', { scope: RESET_SCOPES.time }))).result).toEqual(OK);
    await made.turns(5);
    expect(made.joint1.position).toBeGreaterThan(position - 0.01);
    expect(stamps.at(-1)?.stamp_ns).toBeLessThan(50_000_000n);
    expect((await made.call('reset', { scope: 8 })).result).toMatchObject({ code: 0, message: /scope 8/ });
  });

  it('that cannot be leaves the world as it is and says why', async () => {
    const made = await cell({ seed: 3 });
    const { entities } = await made.call('entities', { filter: '^(?!panda)' });
    const place = async (entity: string) => (await made.call('get_entity', { entity })).state;
    const home = await place(entities[0]);
    await made.call('set_entity', {
      entity: entities[0],
      state: { ...home, pose: { ...home.pose, position: [0.3, -0.45, 0.2] } },
    });
    const request = { name: 'intruder', allow_renaming: false, resource: '', frame_id: '' };
    const above = { ...home.pose, position: [home.pose.position[0], home.pose.position[1], 0.03] } as const;
    expect((await made.call('spawn', { ...request, pose: above, uri: 'surepick://box/red' })).result).toEqual(OK);
    const { result } = await made.until(made.call('reset', { scope: RESET_SCOPES.state }));
    expect(result).toMatchObject({ code: 4, message: /intruder/ });
    expect((await place('intruder')).pose.position[0]).toBeCloseTo(home.pose.position[0], 2);
    const again = await made.until(made.call('reset', { scope: RESET_SCOPES.spawned | RESET_SCOPES.state }));
    expect(again.result).toEqual(OK);
    const { position } = (await place(entities[0])).pose;
    for (let k = 0; k < 3; k++) expect(position[k]).toBeCloseTo(home.pose.position[k], 4);
  });
});

describe('entities', () => {
  it('are spawned by name and kind, found, moved and deleted', async () => {
    const made = await cell({ seed: 1 });
    const { spawnables } = await made.call('spawnables', { sources: [] });
    expect(spawnables).toHaveLength(12);
    const pose = { position: [0.3, -0.4, 0.3], orientation: [0, 0, 0.5, Math.sqrt(0.75)] } as const;
    const request = { name: 'extra', allow_renaming: true, resource: '', frame_id: 'world', pose };
    for (const [k, name] of ['extra', 'extra_0'].entries()) {
      const there = { ...pose, position: [0.3 + 0.1 * k, -0.4, 0.3] } as const;
      const answer = await made.call('spawn', { ...request, pose: there, uri: spawnables[8].uri });
      expect(answer).toEqual({ result: OK, entity: name });
      await made.call('delete', { entity: name === 'extra' ? 'none' : 'extra_0' });
    }
    expect((await made.call('entities', { filter: '^extra' })).entities).toEqual(['extra']);
    await made.turns(1);
    const { state } = await made.call('get_entity', { entity: 'extra' });
    expect(state.pose.orientation[2]).toBeCloseTo(0.5, 6);
    expect(state.linear[2]).toBeCloseTo(-9.81 * 0.002, 6);
    await made.turns(300);
    const rest = (await made.call('get_entity', { entity: 'extra' })).state;
    expect(rest.pose.position[2]).toBeCloseTo(0.0225, 3);
    const moved = { ...rest, pose: { ...rest.pose, position: [0.35, -0.35, 0.2] }, linear: [0, 0, 1] } as const;
    expect((await made.call('set_entity', { entity: 'extra', state: moved })).result).toEqual(OK);
    await made.turns(1);
    const thrown = (await made.call('get_entity', { entity: 'extra' })).state;
    expect(thrown.pose.position[2]).toBeGreaterThan(0.2);
    expect(thrown.linear[2]).toBeCloseTo(1 - 9.81 * 0.002, 6);
    expect((await made.call('delete', { entity: 'extra' })).result).toEqual(OK);
    expect((await made.call('get_entity', { entity: 'extra' })).result).toMatchObject({ code: 2, message: /extra/ });
  });

  it('are refused by the code of the reason', async () => {
    const made = await cell({ seed: 1 });
    const pose = { position: [0.3, -0.4, 0.3], orientation: [0, 0, 0, 1] } as const;
    const request = { name: 'x', allow_renaming: false, uri: 'surepick://box/red', resource: '', frame_id: '', pose };
    const code = async (change: object) => (await made.call('spawn', { ...request, ...change })).result.code;
    expect(await code({ name: PANDA.name })).toBe(101);
    expect(await code({ name: '7up' })).toBe(102);
    expect(await code({ resource: '<sdf/>' })).toBe(103);
    expect(await code({ uri: '' })).toBe(104);
    for (const uri of [
      'sphere/red',
      'box/pink',
      'box/red?size=1',
      'box/red?mass=-1',
      'box/red?weight=1',
      'cylinder/red?diameter=',
    ]) {
      expect(await code({ uri }), uri).toBe(106);
    }
    expect(await code({ frame_id: 'moon' })).toBe(109);
    expect(await code({ pose: { ...pose, orientation: [0, 0, 0, 2] } })).toBe(109);
    expect(await code({ pose: { ...pose, position: [0.5, 0.3, -0.02] } })).toBe(109);
    const robot = (await made.call('get_entity', { entity: PANDA.name })).state;
    expect((await made.call('set_entity', { entity: PANDA.name, state: robot })).result.code).toBe(4);
    expect((await made.call('delete', { entity: PANDA.name })).result.code).toBe(4);
    expect((await made.call('delete', { entity: 'nobody' })).result.code).toBe(2);
    const [, entity] = (await made.call('entities', { filter: '' })).entities;
    const { state } = await made.call('get_entity', { entity });
    const set = async (change: object) =>
      (await made.call('set_entity', { entity, state: { ...state, ...change } })).result.code;
    expect(await set({ frame_id: 'moon' })).toBe(101);
    expect(await set({ pose: { ...state.pose, orientation: [0, 0, 0, 0] } })).toBe(101);
    expect((await made.call('entities', { filter: '(' })).result.code).toBe(4);
    expect((await made.call('spawnables', { sources: ['https://example.org'] })).result.code).toBe(0);
    expect((await made.call('features', {})).features).toEqual(expect.arrayContaining([0, 1, 10, 11, 14, 20, 26, 32]));
  });
});
