export { timeWithToppra, timingEnvironment } from '../../bench/timing_peer.ts';
