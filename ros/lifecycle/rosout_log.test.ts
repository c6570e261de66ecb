import { describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../../contracts/index.ts';
import { RosoutLog } from './rosout_log.ts';

describe('log on /rosout', () => {
  it('takes records from info on, with their fields as text, and goes on where the graph is gone', () => {
    const kept: string[] = [];
    const keep = (_: object, message: string) => void kept.push(message);
    const log = new RosoutLog({ ...SILENT_LOG, debug: keep, info: keep, warn: keep, error: keep });
    log.info({}, 'before');
    const sent: unknown[] = [];
    const sink = {
      node: '/cell/arm',
      now_ns: () => 2_000_000_005n,
      publish: (fields: object) => void sent.push(fields),
    };
    log.attach(sink);
    log.debug({}, 'quiet');
    log.info({}, 'inactive');
    log.warn({ pair: ['a', 'b'], at_ns: 7n, why: 'near' }, 'slowed');
    log.error({ err: new Error('boom') }, 'timer: boom');
    const circular: { self?: object } = {};
    circular.self = circular;
    log.warn(circular, 'round');
    log.attach({ ...sink, publish: () => expect.fail('the graph is gone') });
    log.warn({}, 'after');
    const record = { stamp: { sec: 2, nanosec: 5 }, name: 'cell.arm' };
    expect(sent).toEqual([
      { ...record, level: 20, msg: 'inactive' },
      { ...record, level: 30, msg: 'slowed pair=["a","b"] at_ns="7" why=near' },
      { ...record, level: 40, msg: 'timer: boom' },
      { ...record, level: 30, msg: 'round self=[object Object]' },
    ]);
    expect(kept).toEqual(['before', 'quiet', 'inactive', 'slowed', 'timer: boom', 'round', 'after']);
  });
});
