import { describeBadInput } from './support/bad_input.ts';

describeBadInput('share');
