import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRequest, verifyLog } from '../../safety/index.ts';
import { approversOf, NOW_MS, personWithKey, signedBy } from '../../test/support/approvals.ts';
import { governedEpisode } from '../../test/support/governed.ts';
import { withFolder } from '../../test/support/recording.ts';
import { checkOutlet, type OutletContext } from './check_outlet.ts';
import { outletApprovals, outletApprovers, outletLogFile, outletsFileOf } from './outlet_rules.ts';

const simulated = governedEpisode('sim');
const people = governedEpisode('ada', { consent: 'given', licence: 'CC-BY-4.0', purposes: ['training'] });
const ada = personWithKey('Ada');

/** A home with a working folder, a dataset and a place outside. */
function inHome(work: (context: OutletContext, outside: string) => Promise<void>): Promise<void> {
  return withFolder(async (root) => {
    const [home, outside] = [join(root, 'home'), join(root, 'outside')];
    const own = join(home, 'work', 'data');
    for (const folder of [own, outside]) mkdirSync(folder, { recursive: true });
    await work(
      { env: {}, home, cwd: join(home, 'work'), tmp: join(root, 'tmp'), own, purpose: '', now_ms: NOW_MS },
      outside,
    );
  });
}

function list({ env, home }: OutletContext, outlets: readonly object[], more: object = {}): void {
  const file = outletsFileOf(env, home);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ schema: 'surepick/outlets', version: 1, ...more, outlets }));
  writeFileSync(outletApprovers(env, home), JSON.stringify(approversOf([ada])));
}

/** Signs every request that lies there. */
function sign({ env, home }: OutletContext): number {
  const folder = outletApprovals(env, home);
  const requests = readdirSync(folder).filter((name) => name.endsWith('.request.json'));
  for (const name of requests) {
    const request = parseRequest(JSON.parse(readFileSync(join(folder, name), 'utf8')), name);
    const [approval] = signedBy(request, ada);
    writeFileSync(join(folder, name.replace('.request.', '.approval.')), JSON.stringify(approval));
  }
  return requests.length;
}

describe('checkOutlet', () => {
  it('lets simulated data below the working folder and the home folder, and nothing beyond', () =>
    inHome(async (context, outside) => {
      const check = (to: string) => checkOutlet(to, [simulated], context);
      expect((await check(join(context.cwd, 'export'))).outlet).toBe('default');
      expect((await check(join(context.own, 'card.html'))).outlet).toBe('own folder');
      await expect(check(outside)).rejects.toThrow(/outside the working folder .*outlets.yaml .*dataset outlets/);
      await expect(check(join(context.home, '..', 'outside'))).rejects.toThrow(/destination .*outside: /);
      await expect(check(`${context.home}2`)).rejects.toThrow(/outside the working folder/);
      await expect(check('https://host.example/x')).rejects.toThrow(/outside the working folder/);
      await expect(check('https://ada:secret@host.example/x')).rejects.toThrow(/no user and password/);
      list(context, [], { defaults: false });
      await expect(check(join(context.cwd, 'export'))).rejects.toThrow(/switched off/);
    }));

  it('follows links before it judges, also those that lead to nothing yet or in a circle', () =>
    inHome(async (context, outside) => {
      symlinkSync(outside, join(context.cwd, 'harmless'));
      symlinkSync(join(outside, 'later'), join(context.cwd, 'dangling'));
      symlinkSync(join(context.cwd, 'b'), join(context.cwd, 'a'));
      symlinkSync(join(context.cwd, 'a'), join(context.cwd, 'b'));
      symlinkSync(outside, join(context.own, 'inner'));
      for (const name of ['harmless', 'harmless/deep/er', 'dangling', 'dangling/x'])
        await expect(checkOutlet(join(context.cwd, name), [simulated], context), name).rejects.toThrow(/outside/);
      await expect(checkOutlet(join(context.cwd, 'a', 'x'), [simulated], context)).rejects.toThrow(/circle/);
      await expect(checkOutlet(join(context.own, 'inner', 'x'), [people], context)).rejects.toThrow(
        /listed outlets only/,
      );
    }));

  it('lets data of people go only where it is listed, fits and was approved', () =>
    inHome(async (context, outside) => {
      const to = join(outside, 'partner', 'set');
      const asked = { ...context, purpose: 'training' };
      const check = (what = [people]) => checkOutlet(to, what, asked);
      await expect(checkOutlet(join(context.cwd, 'x'), [people], context)).rejects.toThrow(/listed outlets only/);
      const rule = { name: 'partner', destination: join(outside, 'partner') };
      list(context, [rule]);
      await expect(check()).rejects.toThrow(/outlet partner .*takes no data of people or real robots, as ada/);
      list(context, [{ ...rule, people: true, purposes: ['evaluation'] }]);
      await expect(check()).rejects.toThrow(/takes data for evaluation only, not for training/);
      list(context, [{ ...rule, people: true, licences: ['MIT'] }]);
      await expect(check()).rejects.toThrow(/under MIT only, ada is under CC-BY-4.0/);
      list(context, [{ ...rule, people: true, purposes: ['training', 'evaluation'], licences: ['CC-BY-4.0'] }]);
      await expect(check()).rejects.toThrow(/outlet\/partner is not approved; .*surepick approve .*request.json/);
      expect(sign(context)).toBe(1);
      expect(await check()).toEqual({ destination: to, outlet: 'partner' });
      // Tighter takes effect by itself, looser asks again.
      list(context, [{ ...rule, people: true, purposes: ['training'], licences: ['CC-BY-4.0'] }]);
      expect((await check()).outlet).toBe('partner');
      list(context, [{ ...rule, people: true, purposes: ['training'], licences: null }]);
      await expect(check()).rejects.toThrow(/not approved/);
      list(context, [{ ...rule, destination: outside, people: true, purposes: ['training'], licences: ['CC-BY-4.0'] }]);
      await expect(check()).rejects.toThrow(/not approved/);
    }));

  it('asks again when a link in an approved outlet is led elsewhere', () =>
    inHome(async (context, outside) => {
      for (const name of ['one', 'two']) mkdirSync(join(outside, name));
      const link = join(outside, 'link');
      symlinkSync(join(outside, 'one'), link);
      list(context, [{ name: 'linked', destination: link }]);
      const check = () => checkOutlet(join(link, 'x'), [simulated], context);
      await expect(check()).rejects.toThrow(/not approved/);
      sign(context);
      expect((await check()).destination).toBe(join(outside, 'one', 'x'));
      list(context, [{ name: 'linked', destination: join(outside, 'two') }]);
      await expect(checkOutlet(join(outside, 'two', 'x'), [simulated], context)).rejects.toThrow(/not approved/);
    }));

  it('takes URLs by whole segments of one origin', () =>
    inHome(async (context) => {
      list(context, [{ name: 'hub', destination: 'https://host.example/lab/' }]);
      const check = (to: string) => checkOutlet(to, [simulated], context);
      await expect(check('https://host.example/lab/set')).rejects.toThrow(/not approved/);
      sign(context);
      expect((await check('https://host.example/lab/set')).outlet).toBe('hub');
      for (const to of [
        'https://host.example/labor',
        'https://host.example/lab/../x',
        'http://host.example/lab/x',
        'https://host.example.evil/lab/x',
      ])
        await expect(check(to), to).rejects.toThrow(/outside the working folder/);
    }));

  it('keeps a chained log of what went where and what was refused', () =>
    inHome(async (context, outside) => {
      await Promise.all([1, 2, 3].map((k) => checkOutlet(join(context.cwd, `export${k}`), [simulated], context)));
      await expect(checkOutlet(outside, [people], context)).rejects.toThrow();
      const { ok, entries } = verifyLog(readFileSync(outletLogFile(context.env, context.home)));
      expect(ok).toBe(true);
      const told = entries
        .filter(({ rule }) => rule.startsWith('outlet.'))
        .map(({ rule, inputs }) => [rule, inputs.to]);
      expect(told).toHaveLength(4);
      expect(told).toContainEqual(['outlet.allowed', join(context.cwd, 'export2')]);
      expect(told.at(-1)).toEqual(['outlet.refused', outside]);
    }));
});
