import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { formatLogLine, parseLogLine } from './log_line.ts';

describe('lines of processes', () => {
  it('reads what pino writes, whatever the level', () => {
    const lines: string[] = [];
    const log = pino(
      { level: 'debug', base: { node: '/left/plan' } },
      { write: (line: string) => void lines.push(line) },
    );
    log.debug({ a: 1 }, 'one');
    log.info('two');
    log.warn({ reason: 'no way' }, 'three');
    log.error('four');
    log.fatal('five');
    const read = lines.map((line) => parseLogLine(line, 'process', 0, true));
    expect(read.map(({ level, message }) => [level, message])).toEqual([
      ['debug', 'one'],
      ['info', 'two'],
      ['warn', 'three'],
      ['error', 'four'],
      ['error', 'five'],
    ]);
    expect(read[2]).toMatchObject({ node: '/left/plan', fields: { reason: 'no way' } });
    expect(formatLogLine(read[2], read[2].time_ms - 1234, false)).toBe(
      '   1.234 /left/plan     WARN three  reason="no way"',
    );
  });

  it('keeps what others write as it stands', () => {
    for (const text of ['plain', '{not json', '{"level":"x"}', '[1]', '', '{"a":1}']) {
      expect(parseLogLine(text, 'driver', 5, true)).toEqual({
        ...{ time_ms: 5, level: 'warn', node: 'driver', message: text, fields: {} },
      });
      expect(parseLogLine(text, 'driver', 5, false).level).toBe('info');
    }
  });

  it('lets no control character through to a terminal', () => {
    const evil = parseLogLine('\u001b[2Jgone\u0007\r', 'driver', 0, false);
    const shown = formatLogLine(evil, 0, false);
    for (const character of shown) expect(character.charCodeAt(0)).toBeGreaterThanOrEqual(32);
    expect(shown).toContain('gone');
  });

  it('colours by level and node only where asked to', () => {
    const line = parseLogLine('careful', 'driver', 0, true);
    expect(formatLogLine(line, 0, true)).toContain('\u001b[33m');
    expect(formatLogLine(line, 0, false)).not.toContain('\u001b');
  });
});
