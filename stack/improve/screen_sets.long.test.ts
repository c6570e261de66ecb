import { screeningLaws } from '../../test/support/poisoned_records_laws.ts';

screeningLaws(20, { trusted: 30, per_source: 20 });
