import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeState, parameterValue, setParameters, stateOf } from '../test/support/hosted_nodes.ts';
import { Launched } from '../test/support/launched.ts';
import { freshDomain, requireRos } from '../test/support/ros.ts';
import { RosPeer } from '../test/support/ros_peer.ts';

const LATCHED = { durability: 'transient_local', reliability: 'reliable', depth: 10 } as const;
const NODES = ['control', 'robot_state_publisher', 'planning'];
const AUTOMATIC = 1;
const TOOL = {
  tool: parameterValue.text('long fingers'),
  tool_xyz_m: parameterValue.doubles([0, 0, 0.05]),
  tool_mass_kg: parameterValue.double(0.3),
};

let scratch = '';
let launched: Launched | null = null;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'surepick-tool-'));
});
afterAll(() => {
  launched?.killAll();
  rmSync(scratch, { recursive: true });
});

async function bring(peer: RosPeer, node: string, ...transitions: string[]): Promise<void> {
  for (const label of transitions)
    expect(await changeState(peer, `/${node}`, { label }), `${node} ${label}`).toBe(true);
}

describe('the tool of a launched cell', () => {
  it('is changed by ROS parameters while nodes are not configured, and by nothing while they are', {
    timeout: 120_000,
  }, async (ctx) => {
    const ros = await requireRos(ctx);
    const domain = freshDomain();
    launched = Launched.start(ros, scratch, domain, {
      nodes: {
        sim: { kind: 'sim', parameters: { cameras: false } },
        ...{ safety: { kind: 'safety' }, control: { kind: 'control' } },
        robot_state_publisher: { kind: 'robot_state_publisher' },
        planning: { kind: 'planning', process: 'robot_state_publisher' },
      },
    });
    const peer = await RosPeer.start(ros, domain);
    try {
      await launched.running.said(/up; Ctrl-C/);
      await peer.subscribe('tf2_msgs/msg/TFMessage', '/tf_static', LATCHED);
      await peer.subscribe('std_msgs/msg/String', '/robot_description', LATCHED);
      await peer.subscribe('diagnostic_msgs/msg/DiagnosticArray', '/diagnostics', { depth: 100 });
      for (const node of NODES) {
        const [reason] = await setParameters(peer, `/${node}`, { tool: TOOL.tool });
        expect(reason, node).toMatch(/clean the node up first, it is active/);
        await bring(peer, node, 'deactivate', 'cleanup');
        // A mass without a tool is nobody's: it cannot be configured.
        expect(await setParameters(peer, `/${node}`, { tool_mass_kg: TOOL.tool_mass_kg })).toEqual(['']);
        expect(await changeState(peer, `/${node}`, { label: 'configure' }), node).toBe(false);
        expect(await stateOf(peer, `/${node}`)).toBe('unconfigured');
        expect(await setParameters(peer, `/${node}`, TOOL)).toEqual(['', '', '']);
        await bring(peer, node, 'configure', 'activate');
      }
      const of_tool = (messages: readonly Awaited<ReturnType<RosPeer['take']>>[number][]) =>
        messages.flatMap(({ transforms }) => transforms).filter(({ child_frame_id }) => child_frame_id === 'tool_tcp');
      // Of the controller, and of the robot state publisher.
      const frames = of_tool(await peer.collect('/tf_static', (messages) => of_tool(messages).length > 1));
      for (const { header, transform } of frames) {
        const { translation: p, rotation: r } = transform;
        expect(header.frame_id).toBe('panda_hand_tcp');
        const expected = [0, 0, 0.05, 0, 0, 0, 1];
        [p.x, p.y, p.z, r.x, r.y, r.z, r.w].forEach((x, k) => {
          expect(x).toBeCloseTo(expected[k], 9);
        });
      }
      await peer.collect('/robot_description', (texts) => texts.some(({ data }) => data.includes('"tool_tcp"')));
      // Each says what it carries, so that two that differ are seen.
      const carrying = (arrays: readonly Awaited<ReturnType<RosPeer['take']>>[number][]) => {
        const statuses = arrays.flatMap(({ status }) => status);
        const says = ({ values }: { values: { key: string; value: string }[] }) =>
          values.some(({ key, value }) => key === 'tool' && value === 'long fingers');
        return new Set(statuses.filter(says).map(({ name }) => name)).size;
      };
      await peer.collect('/diagnostics', (arrays) => carrying(arrays) === NODES.length);
      // The controller was another for a while: motion is allowed again after a reset.
      await peer.subscribe('surepick_msgs/msg/SafetyState', '/safety/state', LATCHED);
      const allowed = async () => (await peer.take('/safety/state')).some(({ mode }) => mode === AUTOMATIC);
      for (const end = performance.now() + 30_000; !(await allowed()); await sleep(200)) {
        await peer.call('std_srvs/srv/Trigger', '/safety/reset', {});
        expect(performance.now()).toBeLessThan(end);
      }
    } finally {
      await peer.stop();
    }
    launched.running.signal('SIGINT');
    const { code, stderr } = await launched.running.ended;
    expect(code, stderr).toBe(130);
    expect(stderr).toMatch(/tool_mass_kg 0.3 without a tool: give the tool a name/);
    await launched.untilNoneIsLeft(100);
  });
});
