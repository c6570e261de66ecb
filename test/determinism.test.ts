import { describeDeterminism } from './support/determinism.ts';

describeDeterminism(2);
