export { gymEnvironment } from '../../bench/gym_environments.ts';
