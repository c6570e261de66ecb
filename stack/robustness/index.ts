export {
  type DegradationCurve,
  measureRobustness,
  type Robustness,
  type RobustnessOptions,
  type RobustnessPoint,
  robustnessFactors,
} from './robustness.ts';
export { failuresOf, robustnessPage } from './robustness_report.ts';
