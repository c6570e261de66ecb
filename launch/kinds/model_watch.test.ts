import { describe, expect, it } from 'vitest';
import { InProcessBus, InputError, SILENT_LOG, SimClock } from '../../contracts/index.ts';
import { ClassicalDetector, SwappingDetector } from '../../perception/index.ts';
import { ModelWatch } from './model_watch.ts';

function context() {
  const said: string[] = [];
  const note = (fields: object, message: string) => void said.push(`${message} ${JSON.stringify(fields)}`);
  return { said, bus: new InProcessBus(), clock: new SimClock(), log: { ...SILENT_LOG, warn: note, info: note } };
}

describe('the watch over the wanted models', () => {
  it('changes models and shadows when the parameters do, and says what it refuses', async () => {
    const ctx = context();
    const opened: string[] = [];
    const open = async (model: string) => {
      opened.push(model);
      if (model === 'broken') throw new InputError('model broken', 'restore it');
      return new ClassicalDetector();
    };
    const wanted = { model: 'a', shadow_model: '' };
    const detector = new SwappingDetector(new ClassicalDetector());
    const watch = new ModelWatch(detector, 'a', () => wanted, open);
    await watch.configure(ctx);
    await watch.look();
    expect(opened).toEqual([]);
    wanted.model = 'b';
    wanted.shadow_model = 'c';
    await watch.look();
    await watch.look();
    expect(opened).toEqual(['b', 'c']);
    expect(detector.state).toMatchObject({ swaps: 1, shadow: 'classical' });
    wanted.model = 'broken';
    await watch.look();
    expect(ctx.said.at(-1)).toMatch(/^model refused.*model broken: restore it/);
    expect(detector.state.swaps).toBe(1);
    wanted.shadow_model = '';
    await watch.look();
    expect(detector.state.shadow).toBe('');
    await watch.cleanup();
    await detector.close();
  });
});
