export {
  carriedOver,
  type FitParameter,
  type LeastSquaresFit,
  type LeastSquaresOptions,
  leastSquares,
  type ResidualModel,
} from './least_squares.ts';
export { type FittedParameter, fitUncertainty, studentQuantile, type Uncertainty } from './uncertainty.ts';
