import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InProcessBus, SILENT_LOG, SimClock } from '../../contracts/index.ts';
import { MetricsFile } from './metrics_file.ts';

const folder = mkdtempSync(join(tmpdir(), 'metrics '));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file of metrics', () => {
  it('is replaced whole, and told of once when it cannot be written', async () => {
    const said: string[] = [];
    const log = { ...SILENT_LOG, warn: (_: object, message: string) => void said.push(message) };
    const ctx = { bus: new InProcessBus(), clock: new SimClock(), log };
    const file = join(folder, 'perception.prom');
    let text = 'a 1\n';
    const metrics = new MetricsFile(file, async () => text);
    await metrics.configure(ctx);
    await metrics.write();
    text = 'a 2\n';
    await metrics.write();
    expect(readFileSync(file, 'utf8')).toBe('a 2\n');
    expect(readdirSync(folder)).toEqual(['perception.prom']);
    const lost = new MetricsFile(join(folder, 'none', 'perception.prom'), async () => text);
    await lost.configure(ctx);
    await lost.write();
    await lost.write();
    expect(said).toEqual(['metrics cannot be written']);
  });
});
