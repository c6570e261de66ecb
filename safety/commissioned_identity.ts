import { createHash } from 'node:crypto';
import type { CommissionedAs } from './commissioning_record.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';

export interface CommissionedArm {
  /** Name of its description. */
  readonly robot: string;
  readonly driver: string;
  /** Serial number or another name of the one arm; empty where none is known. */
  readonly serial: string;
  /** Text of its URDF. */
  readonly urdf: string;
  readonly envelope: Envelope;
}

/** What a record of commissioning has to be of to hold for this arm: another URDF or envelope makes another arm. */
export function commissionedIdentity({ robot, driver, serial, urdf, envelope }: CommissionedArm): CommissionedAs {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  // Parsed once more: its fields then stand in the order of the schema. What a stage measures changes no limit.
  const { measured_stop: _measured, ...limits } = parseEnvelope(envelope);
  const envelope_sha256 = hash(JSON.stringify(limits));
  return { robot, driver, serial, urdf_sha256: hash(urdf), envelope_sha256 };
}
