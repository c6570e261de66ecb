import { screeningLaws } from '../../test/support/poisoned_records_laws.ts';

screeningLaws(3, { trusted: 20, per_source: 10 });
