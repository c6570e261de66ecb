import type { DynamicJointStates } from '../../contracts/index.ts';
import type { Finding, Monitor } from './finding.ts';

export interface TemperatureLimits {
  /** From here on the arm is slower; from there on it stops, °C. */
  readonly warm_C: number;
  readonly hot_C: number;
}

/** Cooler by this than the limit counts as cool again, K. */
const HYSTERESIS_K = 2;

/** Temperatures of joints, by any interface whose name has `temperature` in it. What reports none is not watched. */
export class TemperatureMonitor implements Monitor {
  private readonly limits: TemperatureLimits;
  private readonly temperatures = new Map<string, number>();
  private warm = false;
  private hot = false;

  constructor(limits: TemperatureLimits) {
    this.limits = limits;
  }

  hear({ joints }: DynamicJointStates): void {
    for (const { name, values } of joints) {
      for (const { interface: what, value } of values) {
        if (what.toLowerCase().includes('temperature')) this.temperatures.set(`${name} ${what}`, value);
      }
    }
  }

  look(): Finding | null {
    const { warm_C, hot_C } = this.limits;
    let hottest = Number.NEGATIVE_INFINITY;
    let where = '';
    for (const [name, value] of this.temperatures) {
      if (!(value > hottest)) continue;
      hottest = value;
      where = name;
    }
    this.warm = hottest >= (this.warm ? warm_C - HYSTERESIS_K : warm_C);
    this.hot = hottest >= (this.hot ? hot_C - HYSTERESIS_K : hot_C);
    if (this.hot) {
      return {
        fault: 'temperature',
        detail: `${where} at ${hottest.toFixed(1)} °C, at most ${hot_C}`,
        at_least: 'stop',
      };
    }
    if (!this.warm) return null;
    return { fault: 'temperature', detail: `${where} at ${hottest.toFixed(1)} °C, warm from ${warm_C} on` };
  }
}
