import { Option } from 'commander';
import { z } from 'zod';

/** Options that several of the `models` verbs have, each declared once. */
export const modelsFlag = () =>
  new Option('--models <dir>', 'folder of your own models (default: surepick/models of your data folder)');
export const jsonFlag = () => new Option('--json', 'print one JSON object as the last line of stdout');
export const costsFlag = () =>
  new Option('--costs <file>', 'what decisions cost in your cell, JSON: wrong_pick_s, skip_s, look_again_s, …');
export const seedFlag = (what: string, seed: number) => new Option('--seed <n>', `fixes ${what}`).default(String(seed));

export const whole = (least: number) => z.coerce.number().int().min(least);

/** What verbs that draw worlds are told: their seed, and whether to print JSON. */
export const drawingFlags = z.object({ seed: whole(0), json: z.boolean().default(false) });
/** What verbs that measure a model are told: its folder and costs besides. */
export const measuringFlags = drawingFlags.extend({ models: z.string().optional(), costs: z.string().optional() });
