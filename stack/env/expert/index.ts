export { createExpert, type Expert } from './expert.ts';
