import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { ROLES, type Role } from '../access/index.ts';
import type { Command, Reply, ServerMessage } from '../protocol/index.ts';
import { ControlSocket } from './control_socket.ts';
import type { PageSocket } from './sockets.ts';

const HELD = { epoch: 1, tick: 1, sequence: 1 };
const PRESSED = { id: 7, epoch: 1, tick: 1 };
const OBJECT = { class: 'box', colour: 'red' } as const;
/** One of each that is no question of looking. */
const COMMANDS: readonly Command[] = [
  { type: 'jog', ...HELD, frame: 'base', linear: [1, 0, 0], angular: [0, 0, 0] },
  { type: 'jog_joints', ...HELD, velocity: [1] },
  { type: 'release', epoch: 1, sequence: 2, cause: 'released' },
  { type: 'lease', id: 7, want: 'take' },
  { type: 'pick', ...PRESSED, object: OBJECT, place: 'left' },
  { type: 'batch', ...PRESSED, count: 2, place: 'left' },
  { type: 'go', ...PRESSED, to: 'home' },
  { type: 'gripper', ...PRESSED, width_m: 0.04, force_N: 10 },
  { type: 'pause', ...PRESSED },
  { type: 'continue', ...PRESSED },
  { type: 'cancel', ...PRESSED },
  { type: 'speed', ...PRESSED, share: 0.5 },
  { type: 'reset', id: 7 },
  { type: 'acknowledge', id: 7, alarm: 'a' },
  { type: 'answer', id: 7, escalation: 'q', answer: 'skip', frame_sha256: '', model: '' },
  { type: 'mark', id: 7, note: '' },
  { type: 'incident', id: 7, note: '' },
];

function rig(role: Role) {
  const taken: Command[] = [];
  const refused: string[] = [];
  const sent: ServerMessage[] = [];
  let closed = '';
  const socket = new ControlSocket({
    desk: {
      take: async (_, asked): Promise<Reply | null> => {
        taken.push(asked);
        return 'id' in asked ? { type: 'reply', to: asked.id, ok: true, reason: '' } : null;
      },
      closed: () => {},
    },
    greeting: () => [],
    now_ms: () => 0,
    onRefusal: (_, asked) => refused.push(asked),
  });
  const page: PageSocket = {
    session: { id: 's-1', user: role, role, serial: '', created_ms: 0, seen_ms: 0 },
    ...{ tab: 'tab-12345678', address: '127.0.0.1', buffered: 0 },
    send: (text) => void sent.push(JSON.parse(String(text)) as ServerMessage),
    close: (reason) => {
      closed = reason;
    },
  };
  const { message } = socket.open(page);
  return { socket, page, taken, refused, sent, message, closed: () => closed };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('commands of a page', () => {
  it('of a viewer are refused, every one, and recorded; none reaches the desk', async () => {
    const { message, taken, refused, sent } = rig('viewer');
    for (const asked of COMMANDS) message(JSON.stringify(asked));
    await settled();
    expect(taken).toEqual([]);
    expect(refused).toEqual(COMMANDS.map(({ type }) => type));
    const replies = sent.filter((one): one is Reply => one.type === 'reply');
    expect(replies).toHaveLength(COMMANDS.filter((asked) => 'id' in asked).length);
    expect(replies.every(({ ok, reason }) => !ok && reason.startsWith('a viewer may not'))).toBe(true);
  });

  it.each(ROLES.filter((role) => role !== 'viewer'))('of an %s are taken', async (role) => {
    const { message, taken, refused } = rig(role);
    for (const asked of COMMANDS) message(JSON.stringify(asked));
    await settled();
    expect([taken.length, refused]).toEqual([COMMANDS.length, []]);
  });

  it('that are none close the socket, whatever was changed in them, and nothing is thrown', async () => {
    const rng = createRng(9);
    let closed = 0;
    for (let trial = 0; trial < 3000; trial++) {
      const { message, taken, refused, closed: why } = rig('operator');
      const text = JSON.stringify(COMMANDS[rng.int(COMMANDS.length)]);
      const at = rng.int(text.length);
      const noise = String.fromCharCode(...Array.from({ length: 1 + rng.int(6) }, () => rng.int(256)));
      const changed = [text.slice(0, at), text.slice(0, at) + noise + text.slice(at + 1), noise, `[${text}]`][
        rng.int(4)
      ];
      message(changed);
      await Promise.resolve();
      expect(taken.length + refused.length, `trial ${trial}: ${changed}`).toBe(1);
      expect(why() !== '', `trial ${trial}: ${changed}`).toBe(refused.length === 1);
      closed += refused.length;
    }
    expect(closed).toBeGreaterThan(2000);
  });

  it('with fields that no command has, numbers that are none, or speeds over the share are none', () => {
    for (const asked of [
      { ...COMMANDS[0], speed: 2 },
      { ...COMMANDS[0], linear: [1.01, 0, 0] },
      { ...COMMANDS[0], linear: [null, 0, 0] },
      { ...COMMANDS[0], epoch: -1 },
      { ...COMMANDS[0], tick: 1.5 },
      { ...COMMANDS[11], share: 0 },
      { ...COMMANDS[5], count: 1e9 },
      { type: 'run', command: 'rm' },
    ]) {
      const { message, taken, closed } = rig('supervisor');
      message(JSON.stringify(asked));
      expect([taken.length, closed()], JSON.stringify(asked)).toEqual([0, 'not a command of this protocol']);
    }
  });
});

it('a page without room gets no state until it has room, and delays no other', () => {
  const { socket, page, sent } = rig('viewer');
  const slow: ServerMessage[] = [];
  let waits = 1e6;
  socket.open({
    ...page,
    get buffered() {
      return waits;
    },
    send: (text) => void slow.push(JSON.parse(String(text)) as ServerMessage),
  });
  for (let k = 0; k < 5; k++) socket.stream(() => JSON.stringify({ type: 'pong', at_ms: k, server_ms: 0 }));
  expect([sent.length, slow.length, socket.skipped]).toEqual([5, 0, 5]);
  waits = 0;
  socket.stream(() => JSON.stringify({ type: 'pong', at_ms: 5, server_ms: 0 }));
  expect(slow).toEqual([{ type: 'pong', at_ms: 5, server_ms: 0 }]);
});

it('a page that connects again replaces what it was; another tab of the same session does not', () => {
  const { socket, page, closed } = rig('operator');
  socket.open({ ...page, tab: 'tab-of-another' });
  expect([closed(), socket.connected.length]).toEqual(['', 2]);
  socket.open({ ...page, close: () => {} });
  expect(closed()).toBe('this page has connected again');
});
