import type { Bus } from './bus.ts';
export declare function placeholderForType(): Bus;
