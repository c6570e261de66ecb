import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escapeHtml, Html, html, scriptJson } from './escape.ts';

const hostile = fc.oneof(fc.string(), fc.constantFrom('<script>', '</script>', '<!--', '"\'&', ']]>', '\u2028'));

it('leaves nothing in text that could begin markup or end an attribute', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
    }),
  );
});

it('leaves nothing in embedded JSON that could end its element, and keeps its value', () => {
  fc.assert(
    fc.property(fc.dictionary(hostile, fc.array(hostile)), (value) => {
      const text = scriptJson(value);
      expect(text).not.toMatch(/[<\u2028\u2029]/);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('escapes what stands in a template, except markup', () => {
  expect(html`<p title="${'"<'}">${new Html('<b>x</b>')}${null}${3}${[html`${'&'}`]}</p>`.text).toBe(
    '<p title="&quot;&lt;"><b>x</b>3&amp;</p>',
  );
});
