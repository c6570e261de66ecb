import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { reliabilitySvg, riskCoverageSvg } from './diagrams.ts';

const BINS = [
  { confidence: 0.52, accuracy: 0.4, count: 10 },
  { confidence: 0.8, accuracy: 0.83, count: 10 },
  { confidence: 0.99, accuracy: 1, count: 9 },
];

describe('diagrams', () => {
  it('are well-formed, with a point for every bin, within the picture', () => {
    const svg = reliabilitySvg('vision@1 & <held-out>', BINS);
    expect(XMLValidator.validate(svg)).toBe(true);
    const { svg: root } = new XMLParser({ ignoreAttributes: false, parseAttributeValue: true }).parse(svg);
    const [, , width, height] = root['@_viewBox'].split(' ').map(Number);
    expect(root.circle).toHaveLength(BINS.length);
    for (const { '@_cx': x, '@_cy': y } of root.circle) {
      expect(x > 0 && x < width && y > 0 && y < height, `${x} ${y}`).toBe(true);
    }
    expect(root.title).toBe('vision@1 & <held-out>');
    // What was said and what came true grow to the right and upwards.
    expect(root.circle[2]['@_cx']).toBeGreaterThan(root.circle[0]['@_cx']);
    expect(root.circle[2]['@_cy']).toBeLessThan(root.circle[0]['@_cy']);
    expect(svg).not.toMatch(/NaN|href/);
  });

  it('can be drawn of nothing', () => {
    for (const svg of [reliabilitySvg('none', []), riskCoverageSvg('none', [])]) {
      expect(XMLValidator.validate(svg)).toBe(true);
      expect(svg).not.toContain('NaN');
    }
  });

  it('show risk against coverage', () => {
    const points = Array.from({ length: 1000 }, (_, i) => ({ coverage: (i + 1) / 1000, risk: (i / 1000) ** 2 / 10 }));
    const svg = riskCoverageSvg('risk', points);
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg.length).toBeLessThan(12_000);
  });
});
