import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { type SafetySupervisorNode as Supervisor, safetyParameters } from '../../runtime/index.ts';
import {
  AUTONOMY_LEVELS,
  autonomyLimits,
  type CommissioningRecord,
  commissioningPermit,
  documentHash,
  envelopeDocument,
  KeyStore,
  keyFolder,
  parseCommissioningRecord,
  QuestionAudit,
  signerOf,
} from '../../safety/index.ts';
import { ApprovalWatch } from './approval_watch.ts';
import { approvedArm } from './approved_arm.ts';
import { wantedOf } from './approved_things.ts';
import { armIdentity } from './arm_identity.ts';
import { control } from './control.ts';
import { envelopeOf, readJsonFile } from './envelope_file.ts';
import { openGraphAudit } from './graph_audit.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';
import { envelopeInForce, monitorsWithin, riskWatchOf } from './risk_budget_file.ts';

/** Longest wait for standstill after a stop was asked for; the arm's verified stop is over long before (s). */
const REST_WAIT_S = 3;
const POLL_MS = 10;

export const safety = nodeKind({
  name: 'safety',
  description: 'The supervisor: grants motion, watches every process, serves /safety',
  parameters: safetyParameters.extend({
    commissioning: z
      .string()
      .default('')
      .describe(
        'Record that surepick commission wrote; a real arm without one goes at 50 mm/s, a simulated one needs none',
      ),
    serial: z.string().default('').describe('Serial number of the arm, as in its record'),
    under_commissioning: z
      .boolean()
      .default(false)
      .describe('A stage of commissioning asks, which needs its own speed'),
    approvers: z.string().default('').describe('File with the list of approvers, by --approvers; a real arm needs one'),
    approvals: z
      .string()
      .default('')
      .describe('Folder of requests, signatures and the ledger, by --approvals; a real arm needs one'),
    autonomy: z
      .enum(AUTONOMY_LEVELS)
      .default('scripted')
      .describe('What a real arm may do by itself, with approval: planned motion, learned policies, with nobody there'),
    audit: z
      .string()
      .default('')
      .describe(
        "Folder of the audit log; empty for this launch's, of a real arm for surepick/audit of the user's state",
      ),
    audit_key: z.string().default('').describe('Key of surepick keys that signs checkpoints of the audit log'),
  }),
  busy_s: 2,
  realtime: true,
  pictures: false,
  alone: true,
  in_cell: true,
  channels: ['observation', 'grant', 'bodies'],
  async build(given) {
    const { name, namespace, robot, robot_name, parameters, parametersOf, cell, channels, heard, stopsArm } = given;
    const { BodyTracksNode, SafetySupervisorNode, StopSocketNode } = await import('../../runtime/index.ts');
    if (channels === null) throw new InputError('safety', 'has channels only where it is a process of its own');
    const { observation, grant, bodies } = channels;
    return new LateNode(name, async ({ clock }) => {
      let node: Supervisor | null = null;
      stopsArm(async () => {
        if (node?.view == null) return;
        node.requestStop('launch.stop', 'the graph ends');
        const until_ms = performance.now() + 1000 * REST_WAIT_S;
        const moves = () => node?.view?.gate_alive === true && node.view.gate?.at_rest === false;
        // A gate that is gone has left the arm to its own watchdog.
        while (moves() && performance.now() < until_ms) await sleep(POLL_MS);
      });
      const { commissioning, serial, under_commissioning, approvers, approvals, autonomy, ...rest } = parameters();
      const { audit: folder, audit_key, ...chosen } = rest;
      const { driver, envelope, risk_budget } = parametersOf(control);
      // Simulated arms are many, and end with their launch.
      const kept_in = folder === '' && driver === 'sim' ? given.out_dir : folder;
      const signer = audit_key === '' ? null : signerOf(new KeyStore(keyFolder(process.env)).load(audit_key).key);
      const audit = openGraphAudit({ robot: robot.name, serial, namespace, folder: kept_in, clock, signer });
      const told = { audit: audit.log };
      const questions = new QuestionAudit(audit.log);
      const risk = riskWatchOf(risk_budget, audit.log);
      const exploring = risk === null ? [] : [risk];
      const asked_for = monitorsWithin(risk?.account.budget ?? null, chosen.monitors);
      const planners = cell.nodes.filter(({ kind }) => kind === 'planning').map((node) => node.name);
      const perception_readers = [...new Set([...asked_for.perception_readers, ...planners])];
      const own = { ...chosen, monitors: { ...asked_for, perception_readers } };
      const arm = () =>
        armIdentity({ ...{ robot, robot_name, driver, serial }, envelope: envelopeOf(envelope, robot) });
      // Read again at every reset: a stage of commissioning that is passed opens the next speed.
      const read = () => {
        const none = commissioning === '' || (under_commissioning && !existsSync(commissioning));
        return commissioningPermit(none ? null : recordOf(commissioning), arm(), under_commissioning);
      };
      const gate = { observation, grant };
      const tracks = new BodyTracksNode(robot.model.root_link, bodies);
      const in_force = () => envelopeInForce({ envelope, risk_budget }, robot);
      const monitored = { robot, envelope: in_force() };
      const stop = (reason: string) => {
        if (node === null) throw new Error('the supervisor has not started');
        node.requestStop('socket.stop', reason);
        return 'stopping';
      };
      const outlet = new StopSocketNode({ robot: robot.name, namespace, stop });
      if (driver === 'sim') {
        const conditions = () => risk?.conditions() ?? [];
        node = new SafetySupervisorNode({ gate, processes: heard, parameters: own, monitored, conditions, ...told });
        return { nodes: [audit.node, node, tracks, outlet, questions, ...exploring] };
      }
      const { robot: described, urdf_sha256 } = arm();
      const desk = approvedArm({ approvers, approvals }, { name: described, serial, urdf_sha256 }, audit.log);
      const watch = new ApprovalWatch(desk, { atRest: () => node?.view?.gate?.at_rest ?? true });
      const permit = () => {
        const asked_for = envelopeOf(envelope, robot);
        const { refusals } = desk.decide(wantedOf(cell, asked_for, autonomy));
        if (refusals.length > 0) throw new InputError('approvals', refusals.join('; '));
        watch.decided();
        return { ...read(), envelope_sha256: documentHash(envelopeDocument(in_force())) };
      };
      const conditions = () => [...watch.conditions(), ...(risk?.conditions() ?? [])];
      const asked = { permit, conditions, autonomy: autonomyLimits(autonomy), ...told };
      node = new SafetySupervisorNode({ gate, processes: heard, parameters: own, monitored, ...asked });
      return {
        nodes: [audit.node, node, watch, tracks, outlet, questions, ...exploring],
        close: async () => desk.close(),
      };
    });
  },
});

function recordOf(file: string): CommissioningRecord {
  return parseCommissioningRecord(readJsonFile(file, 'commissioning record', 'surepick commission writes it'), file);
}
