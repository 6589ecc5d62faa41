import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventJsonSchemas } from '../statemachine/event-json-schemas.ts';

/** Writes `schemas/`: JSON Schemas of the events that the workflow takes and publishes. */
const FOLDER = join(import.meta.dirname, '..', 'schemas');

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
for (const [file, schema] of Object.entries(eventJsonSchemas())) {
  writeFileSync(join(FOLDER, file), `${JSON.stringify(schema, null, 2)}\n`);
  console.log(`schemas/${file}`);
}
