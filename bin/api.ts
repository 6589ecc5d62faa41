import { referencePage } from '../proof/reference/reference-page.ts';

/** Prints docs/api.md. */
process.stdout.write(referencePage());
