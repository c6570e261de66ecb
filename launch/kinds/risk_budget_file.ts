import type { Robot } from '../../robots/index.ts';
import {
  type AuditSink,
  type Envelope,
  envelopeWithin,
  type MonitorParameters,
  parseRiskBudget,
  type RiskBudget,
  RiskWatch,
} from '../../safety/index.ts';
import { envelopeOf, readJsonFile } from './envelope_file.ts';

/** The risk budget of a file; null where none is named. */
export function riskBudgetOf(file: string): RiskBudget | null {
  return file === '' ? null : parseRiskBudget(readJsonFile(file, 'risk budget', 'see docs/safety.md'), file);
}

/** The envelope that a gate is given: of a file or the robot's own, within the risk budget if there is one. */
export function envelopeInForce(
  { envelope, risk_budget }: { readonly envelope: string; readonly risk_budget: string },
  robot: Robot,
): Envelope {
  const own = envelopeOf(envelope, robot);
  const budget = riskBudgetOf(risk_budget);
  return budget === null ? own : envelopeWithin(own, budget);
}

/** Who enforces the risk budget of a file; null where none is named. */
export function riskWatchOf(file: string, audit: AuditSink | null): RiskWatch | null {
  const budget = riskBudgetOf(file);
  return budget === null ? null : new RiskWatch(budget, audit);
}

/** What monitors look for, with the budget's force if that is less. 0 N: nobody asked, so that the budget's counts. */
export function monitorsWithin(budget: RiskBudget | null, parameters: MonitorParameters): MonitorParameters {
  if (budget === null) return parameters;
  const { force_N } = parameters;
  return { ...parameters, force_N: force_N === 0 ? budget.force_N : Math.min(force_N, budget.force_N) };
}
