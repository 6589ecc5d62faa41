import * as z from 'zod/mini';
import { BATCH_EVENT_SCHEMAS } from './batch-event-schema.ts';
import { RENDER_REQUESTED } from './render-event-names.ts';
import { RENDER_EVENT_SCHEMAS } from './render-event-schema.ts';
import { renderRequestSchema } from './render-request-schema.ts';

/**
 * JSON Schemas of the `detail` of every event that the workflow takes or publishes, by the name of their file. Of a
 * request they have all that a JSON Schema can say; the workflow checks more.
 */
export function eventJsonSchemas(): Record<string, object> {
  const schemas = {
    [RENDER_REQUESTED]: renderRequestSchema.check(
      z.describe(
        'Asks for a render: also the input of an execution. The workflow checks more than is said here, and takes a field that is null for one that is not set.',
      ),
    ),
    ...RENDER_EVENT_SCHEMAS,
    ...BATCH_EVENT_SCHEMAS,
  };
  return Object.fromEntries(
    Object.entries(schemas).map(([detailType, schema]) => [
      `${detailType.toLowerCase().replace(' ', '-')}.json`,
      toJsonSchema(detailType, schema),
    ]),
  );
}

function toJsonSchema(title: string, schema: z.ZodMiniType): object {
  const { $schema, description, ...rest } = z.toJSONSchema(schema, {
    // As it is sent: what is not in the schema is allowed, but for where a request allows nothing else.
    io: 'input',
    override({ jsonSchema }) {
      // Beside the format, the pattern of a date says nothing to a person.
      if (jsonSchema.format) delete jsonSchema.pattern;
    },
  });
  return { $schema, title, description, ...rest };
}
