import { describe, expect, it, vi } from 'vitest';
import { createRng, type OperatorJog, TOPICS } from '../../contracts/index.ts';
import { STATION_ROBOT, startServoStation } from '../../test/support/servo_station.ts';

type Station = Awaited<ReturnType<typeof startServoStation>>;

const MS = 1_000_000n;
const [, SECOND, THIRD] = STATION_ROBOT.model.joint_names;

/** Sends one message; by default a twist of epoch 1 in sight of the arm. */
async function send({ bus, clock }: Station, sequence: number, fields: Partial<OperatorJog> = {}): Promise<void> {
  const now_ns = clock.now_ns();
  bus.publish(TOPICS.operator_jog, {
    ...{ stamp_ns: now_ns, epoch: 1, session: 's', sequence, seen_ns: now_ns, kind: 'twist', frame_id: '' },
    ...{ linear: [0, 0, -0.1], angular: [0, 0, 0], joint_names: [], joint_velocity: new Float64Array(0) },
    ...fields,
  });
  await Promise.resolve();
}

const speed = ({ gate }: Station): number => Math.max(...gate.lastCommand.velocity.map(Math.abs));

/** Holds down a command for so many cycles, sent every 10 of them. @return the next sequence */
async function hold(station: Station, cycles: number, from: number, fields?: Partial<OperatorJog>): Promise<number> {
  for (let k = 0; k < cycles; k += 10) {
    await send(station, from + k / 10, fields);
    await station.run(10);
  }
  return from + cycles / 10;
}

describe('an operator at the servo', () => {
  it('moves by twists and by joints while they hold on, and stops when they let go or fall silent', async () => {
    const station = await startServoStation();
    const { servo, gate, run } = station;
    let next = await hold(station, 200, 1);
    expect(speed(station)).toBeGreaterThan(0.05);
    await send(station, next++, { kind: 'release' });
    await run(1);
    expect(servo.status).toMatchObject({ state: 'halted', reason: 'requested' });
    await run(100);
    expect(gate.atRest).toBe(true);
    const start = gate.lastCommand.position.slice();
    next = await hold(station, 200, next, {
      kind: 'joints',
      joint_names: [THIRD, SECOND],
      joint_velocity: Float64Array.of(0.2, -0.1),
    });
    const moved = gate.lastCommand.position.map((q, i) => q - start[i]);
    expect(moved[2]).toBeGreaterThan(0.04);
    expect(moved[1]).toBeCloseTo(-moved[2] / 2, 2);
    expect(Math.max(...moved.map((q, i) => (i === 1 || i === 2 ? 0 : Math.abs(q))))).toBeLessThan(1e-6);
    await run(150);
    expect(servo.status).toMatchObject({ state: 'halted', reason: 'stale' });
    expect(gate.atRest).toBe(true);
    expect(gate.interventions.count).toBe(0);
  });

  it.each([0, 60, 90, 120, 140])(
    'slows within 150 ms of what was seen last, also where a message was %i ms under way',
    async (late_ms) => {
      const station = await startServoStation();
      const turn = { kind: 'joints', joint_names: [SECOND], joint_velocity: Float64Array.of(-0.1) } as const;
      const next = await hold(station, 200, 1, turn);
      const cruise = speed(station);
      const seen_ns = station.clock.now_ns() - BigInt(late_ms) * MS;
      await send(station, next, { ...turn, seen_ns });
      for (let k = 0; speed(station) > cruise - 1e-3 && k < 400; k++) await station.run(1);
      const since_ms = Number((station.clock.now_ns() - seen_ns) / MS);
      expect(since_ms).toBeGreaterThan(Math.min(late_ms + 90, 140));
      expect(since_ms).toBeLessThan(155);
    },
  );

  it('is halted first when another takes over, and then obeyed no more', async () => {
    const station = await startServoStation();
    const { servo, node } = station;
    let next = await hold(station, 200, 1);
    const before = speed(station);
    await send(station, 0, { epoch: 2, linear: [0, 0, 0.1] });
    await station.run(1);
    expect(servo.status).toMatchObject({ state: 'halted', reason: 'requested' });
    await station.run(5);
    expect(speed(station)).toBeLessThan(before);
    next = await hold(station, 150, next);
    expect(station.gate.atRest).toBe(true);
    await hold(station, 100, 1, { epoch: 2, linear: [0, 0, 0.1] });
    expect(speed(station)).toBeGreaterThan(0.05);
    expect(node.diagnostics()).toEqual({ operator_epoch: 2, operator_dropped: 'epoch 15, handover 1' });
  });

  it('goes before the other topics of the servo, which are heard again 0.1 s later', async () => {
    const station = await startServoStation();
    const { node, run, warnings, statuses } = station;
    const sideways = { frame_id: '', linear: [0, 0.2, 0], angular: [0, 0, 0] } as const;
    await run(100, sideways);
    expect(node.refused).toBe(0);
    const { position } = station.gate.lastCommand;
    await send(station, 1, { kind: 'release' });
    for (let next = 2; next < 12; next++) {
      await send(station, next, { linear: [0, 0, 0] });
      await run(10, sideways);
    }
    expect(node.refused).toBe(10);
    expect(warnings).toEqual(['an operator commands the arm; other commands are refused']);
    expect(statuses.at(-1)?.detail).toContain('an operator commands the arm');
    expect(station.gate.atRest).toBe(true);
    const rest = position.slice();
    await run(40, sideways);
    expect(node.refused).toBe(14);
    expect([...position]).toEqual([...rest]);
    await run(100, sideways);
    expect(node.refused).toBe(14);
    expect(speed(station)).toBeGreaterThan(0.05);
  });

  it('tells each reason for a drop once, in the log and in the status, until it has been quiet', async () => {
    const station = await startServoStation();
    const { run, warnings, statuses, clock } = station;
    await run(100);
    const blind = { seen_ns: clock.now_ns() - 160n * MS };
    for (let next = 1; next < 20; next++) await send(station, next, blind);
    await send(station, 3);
    await send(station, 20, blind);
    expect(warnings.map((text) => text.replace(/^operator's command dropped: /, ''))).toEqual([
      'sent blind: seen 0.160 s ago, at most 0.15 s',
      'sequence 3 of epoch 1 is not after 19',
    ]);
    expect(statuses.at(-1)?.detail).toContain('is not after 19');
    await hold(station, 600, 21);
    expect(statuses.at(-1)?.detail).not.toContain('dropped');
    await send(station, 200, { seen_ns: 0n });
    expect(warnings).toHaveLength(3);
    expect(station.node.diagnostics()).toMatchObject({ operator_dropped: 'sequence 1, blind 21' });
  });

  it('refuses what cannot be commanded, and leaves what is in force as it was', async () => {
    const station = await startServoStation();
    const { node, servo, run } = station;
    let next = await hold(station, 100, 1);
    const wrong: Partial<OperatorJog>[] = [
      { frame_id: 'nowhere' },
      { kind: 'joints', joint_names: ['elbow'], joint_velocity: Float64Array.of(0.1) },
      { kind: 'joints', joint_names: [SECOND], joint_velocity: new Float64Array(0) },
      { kind: 'joints', joint_names: [SECOND], joint_velocity: Float64Array.of(Number.NaN) },
    ];
    for (const fields of wrong) await send(station, next++, fields);
    await run(10);
    expect(servo.status.state).toBe('following');
    expect(node.diagnostics()).toMatchObject({ operator_dropped: 'invalid 4' });
  });
});

describe('two operators at once', () => {
  it('the servo is told nothing of the first any more once the second was heard, however their messages mix', async () => {
    const failures: string[] = [];
    for (let seed = 0; seed < 20; seed++) {
      const station = await startServoStation();
      const rng = createRng(seed, 'two operators');
      const told = vi.spyOn(station.servo, 'setTwist');
      const newest = [0, 0, 0];
      let heard_second = false;
      for (let k = 0; k < 60; k++) {
        const epoch = k < 10 ? 1 : 1 + rng.int(2);
        heard_second ||= epoch === 2;
        told.mockClear();
        const late = newest[epoch] > 2 && rng.int(4) === 0;
        const sequence = late ? newest[epoch] - rng.int(3) : ++newest[epoch];
        const kind = rng.int(8) === 0 ? 'release' : 'twist';
        await send(station, sequence, { epoch, kind, linear: [epoch, 0, 0] });
        for (const [twist] of told.mock.calls) {
          if (heard_second && twist[0] !== 2) failures.push(`seed ${seed}, message ${k}: told ${twist[0]}`);
          if (late) failures.push(`seed ${seed}, message ${k}: ${epoch}/${sequence} came late and was obeyed`);
        }
        if (rng.int(3) === 0) await station.run(1 + rng.int(3));
      }
    }
    expect(failures).toEqual([]);
  });
});

describe('what is dropped', () => {
  /** Messages of which none may be obeyed once epoch 3 has sent its sequence 100. */
  const dropped = [
    (now_ns: bigint) => ({ epoch: 2, sequence: 500, seen_ns: now_ns }),
    (now_ns: bigint) => ({ epoch: 3, sequence: 100, seen_ns: now_ns }),
    (now_ns: bigint) => ({ epoch: 3, sequence: 7, seen_ns: now_ns, kind: 'release' as const }),
    (now_ns: bigint) => ({ epoch: 1, sequence: 8, seen_ns: now_ns, kind: 'release' as const }),
  ];

  it('never moves the arm', async () => {
    const station = await startServoStation();
    const rng = createRng(5, 'dropped');
    await station.run(100);
    await send(station, 100, { epoch: 3, seen_ns: 0n });
    const start = station.gate.lastCommand.position.slice();
    for (let k = 0; k < 60; k++) {
      const now_ns = station.clock.now_ns();
      await send(station, 0, { linear: [0.3, 0.3, 0.3], ...dropped[rng.int(dropped.length)](now_ns) });
      await send(station, 101 + k, { epoch: 3, seen_ns: now_ns - 151n * MS });
      await station.run(10);
    }
    expect([...station.gate.lastCommand.position]).toEqual([...start]);
    expect(station.servo.commanded).toBe(false);
  });

  it('changes nothing of a motion under way: the arm goes bit for bit as without it', async () => {
    const motion = async (noisy: boolean): Promise<number[][]> => {
      const station = await startServoStation();
      const rng = createRng(6, 'noise');
      const path: number[][] = [];
      for (let k = 0; k < 40; k++) {
        const now_ns = station.clock.now_ns();
        const linear = [0.1 * Math.sin(k / 6), 0.1 * Math.cos(k / 5), -0.05] as const;
        await send(station, 100 + k, { epoch: 3, linear });
        for (let n = noisy ? rng.int(4) : 0; n > 0; n--) {
          await send(station, 0, { linear: [0.4, 0, 0], ...dropped[rng.int(dropped.length)](now_ns) });
        }
        await station.run(10);
        path.push([...station.gate.lastCommand.position]);
      }
      return path;
    };
    expect(await motion(true)).toEqual(await motion(false));
  });
});
