import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventJsonSchemas } from '../../statemachine/event-json-schemas.ts';

const FOLDER = join(import.meta.dirname, '../../schemas');
const schemas = eventJsonSchemas();
const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));

describe('schemas/', () => {
  test('has a JSON Schema of every event that the workflow takes or publishes', () => {
    expect(readdirSync(FOLDER).sort()).toEqual([
      'batch-failed.json',
      'batch-progressed.json',
      'batch-started.json',
      'batch-succeeded.json',
      'render-cancelled.json',
      'render-failed.json',
      'render-requested.json',
      'render-started.json',
      'render-succeeded.json',
    ]);
  });

  test.each(Object.entries(schemas))('%s is what "npm run schemas" writes', (file, schema) => {
    expect(read(file)).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  test.each(Object.keys(schemas).filter((file) => file !== 'render-requested.json'))(
    '%s describes every field, requires it, and lets others be added',
    (file) => {
      const { description, properties, required, additionalProperties } = read(file);
      expect(description).toEqual(expect.any(String));
      expect(required.sort()).toEqual(Object.keys(properties).sort());
      for (const property of Object.values(properties))
        expect(property).toMatchObject({ description: expect.any(String) });
      expect(additionalProperties).toBeUndefined();
    },
  );
});
