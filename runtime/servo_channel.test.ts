import { describe, expect, it } from 'vitest';
import { createRng, SERVO_REASONS, SERVO_STATES } from '../contracts/index.ts';
import { MailboxReader, MailboxWriter } from './mailbox.ts';
import {
  createServoMemory,
  readAccount,
  readOrder,
  SERVO_COMMANDS,
  SERVO_STATUS_BYTES,
  servoCommandBytes,
  writeAccount,
  writeOrder,
} from './servo_channel.ts';

const LETTERS = [...'abz_/ äßµ→机🤖'];
const counts = { halt: 0, twist: 6, pose: 7, camera_pose: 7 };

describe('commands and accounts of a servo in shared memory', () => {
  it('come out as they went in, texts cut where they are too long and never within a character', () => {
    const rng = createRng(5);
    const text = () =>
      Array.from({ length: rng.int(rng.uniform() < 0.1 ? 300 : 40) }, () => LETTERS[rng.int(LETTERS.length)]);
    for (const joints of [1, 6, 7, 12]) {
      const memory = createServoMemory(joints);
      const orders = new MailboxWriter(memory.servo_commands, servoCommandBytes(joints));
      const taken = new MailboxReader(memory.servo_commands, servoCommandBytes(joints));
      const accounts = new MailboxWriter(memory.servo_status, SERVO_STATUS_BYTES);
      const heard = new MailboxReader(memory.servo_status, SERVO_STATUS_BYTES);
      for (let draw = 0; draw < 300; draw++) {
        const kind = SERVO_COMMANDS[rng.int(SERVO_COMMANDS.length)];
        const count = { ...counts, joint_velocity: joints, targets: joints + 2 }[kind];
        const values = Float64Array.from({ length: count }, () => rng.normal());
        const [frame, detail, refusal] = [text().join(''), text().join(''), text().join('')];
        const order = { kind, made_s: rng.range(0, 1e6), frame, values };
        writeOrder(orders.slot, order);
        orders.send();
        expect(taken.take()).toBe(true);
        const got = readOrder(taken.slot, joints);
        expect({ ...got, frame }, `draw ${draw}`).toEqual(order);
        const account = {
          state: SERVO_STATES[rng.int(SERVO_STATES.length)],
          reason: SERVO_REASONS[rng.int(SERVO_REASONS.length)],
          ...{ share: rng.uniform(), detail, refused: rng.int(100), refusal },
        };
        writeAccount(accounts.slot, account);
        accounts.send();
        expect(heard.take()).toBe(true);
        const said = readAccount(heard.slot);
        expect({ ...said, detail, refusal }, `draw ${draw}`).toEqual(account);
        for (const [came, went] of [
          [got.frame, frame],
          [said.detail, detail],
          [said.refusal, refusal],
        ]) {
          expect(went.startsWith(came), `draw ${draw}: ${came}`).toBe(true);
          const room = 256 - Buffer.byteLength(came);
          expect(came === went || room < 4, `draw ${draw}: ${came}`).toBe(true);
        }
      }
    }
  });
});
