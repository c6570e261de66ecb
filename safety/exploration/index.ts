export { RiskAccount, type RiskStatement } from './risk_account.ts';
export { envelopeWithin, parseRiskBudget, type RiskBudget, riskBudgetSchema } from './risk_budget.ts';
export { RiskWatch } from './risk_watch.ts';
