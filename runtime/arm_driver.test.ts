import { describe, expect, it } from 'vitest';
import { loadRobot } from '../robots/index.ts';
import { createCommandRequest, envelopeForRobot, SafetyGate } from '../safety/index.ts';
import { driverContract } from '../test/support/driver_contract.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { ArmDriver } from './arm_driver.ts';
import { openArmLink } from './arm_link.ts';
import { ARM_PHASES, COMMAND, STATE } from './arm_protocol.ts';
import { ChannelReader, ChannelWriter, closeChannel } from './channel.ts';

describe('the driver of a simulated arm', () => {
  driverContract('sim', { path_rad: 0.01, acceleration: 1.51, delay_s: 0 });
});

describe('the driver of an arm that carries commands out later', () => {
  const robot = loadRobot('panda', { visualMeshes: false });
  const N = robot.arm_joints;
  const link = openArmLink(robot, 16);
  const driver = new ArmDriver(robot, new ChannelWriter(link.command), new ChannelReader(link.state), 5);
  const commands = new ChannelReader(link.command);
  const states = new ChannelWriter(link.state);
  const gate = new SafetyGate(envelopeForRobot(robot), robot, 500);
  const request = createCommandRequest(N);
  let t_s = 1;
  gate.reset(robot.home_q);
  /** One cycle of a gate that may move. */
  const cycle = () => {
    t_s += 0.002;
    request.kind = 'velocity';
    request.values[0] = 0.3;
    request.stamp_s = t_s;
    gate.grant(gate.nonce);
    driver.write(gate.step(t_s, request));
  };
  const report = (sequence: number, phase: 'following' | 'holding') => {
    const { payload } = states;
    payload[STATE.phase] = ARM_PHASES.indexOf(phase);
    payload[STATE.sequence] = sequence;
    payload[STATE.cycles]++;
    payload.set(robot.home_q, STATE.coordinates);
    states.send();
  };

  it('sends the stop that was verified and the last commands, the newest first', () => {
    const sent: number[] = [];
    for (let k = 0; k < 40; k++) {
      cycle();
      sent.unshift(gate.lastCommand.position[0]);
    }
    commands.poll();
    const { payload } = commands;
    for (let k = 0; k < 16; k++) expect(payload[COMMAND.joints + (5 + k) * N]).toBe(sent[k]);
    expect(sent[0]).toBeGreaterThan(sent[15]);
    const { joints } = gate.envelope;
    expect(payload[COMMAND.joints + 3 * N]).toBeCloseTo(joints[0].acceleration_rad_per_s2, 6);
    expect(payload[COMMAND.joints + 4 * N]).toBeCloseTo(joints[0].jerk_rad_per_s3, 3);
  });

  it('moves a state on by what was commanded since, while the arm follows', () => {
    const { sequence, position } = gate.lastCommand;
    const then = position[0];
    report(sequence, 'following');
    expect(driver.read().position[0]).toBeCloseTo(robot.home_q[0], 12);
    for (let k = 0; k < 10; k++) cycle();
    expect(driver.read().position[0]).toBeCloseTo(robot.home_q[0] + gate.lastCommand.position[0] - then, 12);
    expect(driver.silent).toBe(1);
    report(sequence, 'holding');
    expect(driver.read().position[0]).toBe(robot.home_q[0]);
    for (let k = 0; k < 20; k++) cycle();
    report(sequence, 'following');
    expect(driver.read().position[0]).toBe(robot.home_q[0]);
  });

  it('allocates only what channels take', () => {
    const bytes = heapGrowthPerCall(
      () => {
        cycle();
        driver.read();
      },
      2000,
      700,
    );
    expect(bytes).toBeLessThan(700);
    closeChannel(link.command);
    closeChannel(link.state);
  });
});
