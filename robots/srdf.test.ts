import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRng, InputError } from '../contracts/index.ts';
import { loadRobot, PANDA_URDF } from './load.ts';
import { parseSrdf } from './srdf.ts';
import { readUrdf } from './urdf/load_urdf.ts';

const { document } = readUrdf(PANDA_URDF, { visualMeshes: false });
const folder = mkdtempSync(join(tmpdir(), 'srdf-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const parse = (inside: string) => parseSrdf(`<robot name="panda">${inside}</robot>`, 'p.srdf', document);

function refusal(text: string): string {
  try {
    parseSrdf(text, 'p.srdf', document);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'accepted';
}

const ARM = Array.from({ length: 7 }, (_, j) => `panda_joint${j + 1}`);

describe('SRDF', () => {
  test('pairs are taken as written, also a whole link at once with exceptions', () => {
    expect(
      parse('<disable_collisions link1="panda_link0" link2="panda_link1" reason="Adjacent"/>').disabled_pairs,
    ).toEqual([['panda_link0', 'panda_link1']]);
    const whole = parse(`<disable_default_collisions link="panda_hand"/>
      <enable_collisions link1="panda_link2" link2="panda_hand"/>
      <disable_collisions link1="panda_link0" link2="panda_link0"/>`).disabled_pairs;
    expect(whole).toHaveLength(document.links.length - 2 + 1);
    expect(whole.some(([a, b]) => a === 'panda_hand' && b === 'panda_link2')).toBe(false);
  });

  test('groups name the joints that can be set: of chains, links, joints and other groups, each once', () => {
    const { groups, end_effectors } = parse(`
      <group name="both"><group name="arm"/><group name="hand"/><joint name="panda_joint7"/></group>
      <group name="arm"><chain base_link="panda_link0" tip_link="panda_hand_tcp"/></group>
      <group name="hand"><link name="panda_leftfinger"/><link name="panda_rightfinger"/><link name="panda_hand"/></group>
      <group name="middle"><chain base_link="panda_link2" tip_link="panda_link4"/></group>
      <group name="across"><chain base_link="panda_leftfinger" tip_link="panda_link6"/></group>
      <end_effector name="gripper" parent_link="panda_hand" group="hand"/>`);
    expect(Object.fromEntries(groups.map(({ name, joints }) => [name, joints]))).toEqual({
      both: [...ARM, 'panda_finger_joint1'],
      arm: ARM,
      hand: ['panda_finger_joint1'],
      middle: ['panda_joint3', 'panda_joint4'],
      across: ['panda_finger_joint1', 'panda_joint7'],
    });
    expect(end_effectors).toEqual([{ name: 'gripper', parent_link: 'panda_hand', group: 'hand' }]);
  });

  test('states keep numbers, joints to the world are left out, elements of other tools are skipped', () => {
    const { states, virtual_joints } = parse(`
      <virtual_joint name="root" type="floating" parent_frame="world" child_link="panda_link0"/>
      <group name="arm"><joint name="root"/><joint name="panda_joint1"/></group>
      <group_state name="ready" group="arm">
        <joint name="root" value="0 0 0 0 0 0 1"/><joint name="panda_joint1" value="-0.5"/>
      </group_state>
      <group_state name="up"><joint name="free" value="0. 0. 1."/><joint name="panda_joint2" value="0."/></group_state>
      <gripper name="g" clearance="0"><position value="0"/></gripper><passive_joint name="panda_finger_joint2"/>`);
    expect(states).toEqual([
      { name: 'ready', group: 'arm', joints: { panda_joint1: -0.5 } },
      { name: 'up', group: '', joints: { panda_joint2: 0 } },
    ]);
    expect(virtual_joints).toEqual([
      { name: 'root', type: 'floating', parent_frame: 'world', child_link: 'panda_link0' },
    ]);
  });

  test('what the robot does not have is refused with its place and a remedy', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['<disable_collisions link1="panda_link0" link2="wing"/>', 'disable_collisions number 1: link2 "wing"'],
      ['<disable_collisions link1="panda_link0"/>', 'disable_collisions number 1 has no link2'],
      ['<group name="a"><joint name="knee"/></group>', 'group "a": joint "knee"'],
      ['<group name="a"><chain base_link="panda_link0" tip_link="toe"/></group>', 'group "a": tip_link "toe"'],
      ['<group name="a"><group name="b"/></group>', 'group "a" holds group "b"'],
      ['<group name="a"><group name="b"/></group><group name="b"><group name="a"/></group>', 'a > b > a'],
      ['<group name="a"/><group name="a"/>', 'group "a" stands twice'],
      ['<group/>', 'group number 1 has no name'],
      ['<group_state name="s" group="none"/>', 'group_state "s": group "none"'],
      [
        '<group name="a"/><group_state name="s" group="a"><joint name="panda_joint1" value="NaN"/></group_state>',
        'joint "panda_joint1": value "NaN"',
      ],
      ['<end_effector name="e" parent_link="wing" group="a"/>', 'end_effector "e": parent_link "wing"'],
    ];
    for (const [inside, message] of cases) {
      const said = refusal(`<robot name="panda">${inside}</robot>`);
      expect(said, inside).toContain(message);
      expect(said, inside).toContain('p.srdf');
    }
    expect(refusal('<robot name="panda"><group name="a"></robot>')).toContain('well-formed');
    expect(refusal('<scene/>')).toContain('root element <scene>');
  });

  test('text cut or changed anywhere is read or refused, never more', () => {
    const whole = `<robot name="panda"><group name="arm"><chain base_link="panda_link0" tip_link="panda_link7"/></group>
      <group_state name="r" group="arm"><joint name="panda_joint2" value="0.5"/></group_state>
      <disable_collisions link1="panda_link0" link2="panda_link1" reason="Adjacent"/></robot>`;
    const rng = createRng(5);
    for (let trial = 0; trial < 400; trial++) {
      const at = rng.int(whole.length);
      const text =
        trial % 2 === 0
          ? whole.slice(0, at) + whole.slice(at + 1 + rng.int(12))
          : whole.slice(0, at) + String.fromCharCode(32 + rng.int(95)) + whole.slice(at + 1);
      expect(typeof refusal(text), `trial ${trial}: ${text}`).toBe('string');
    }
  });

  test('a robot loaded with it knows it, and without its gripper only what is left', () => {
    const file = join(folder, 'p.srdf');
    writeFileSync(
      file,
      `<robot name="panda"><group name="hand"><joint name="panda_finger_joint1"/></group>
      <group_state name="open" group="hand"><joint name="panda_finger_joint1" value="0.04"/></group_state>
      <disable_collisions link1="panda_link5" link2="panda_link7"/>
      <disable_collisions link1="panda_link5" link2="panda_leftfinger"/></robot>`,
    );
    expect(loadRobot('panda', { srdf: file }).semantic?.disabled_pairs).toHaveLength(2);
    const bare = loadRobot('panda', { srdf: file, gripper: false }).semantic;
    expect(bare?.disabled_pairs).toEqual([['panda_link5', 'panda_link7']]);
    expect(bare?.groups).toEqual([{ name: 'hand', joints: [] }]);
    expect(bare?.states[0].joints).toEqual({});
    expect(loadRobot('panda').semantic?.disabled_pairs).toContainEqual(['panda_link6', 'panda_hand']);
    expect(loadRobot('panda', { tool: 'none' }).semantic).toBeUndefined();
    expect(() => loadRobot('panda', { srdf: join(folder, 'none.srdf') })).toThrow('none.srdf cannot be read');
  });
});
