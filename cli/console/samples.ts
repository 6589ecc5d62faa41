import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A request to begin with. */
export interface Sample {
  readonly name: string;
  readonly request: unknown;
}

const MINIMAL: Sample = {
  name: 'the least that a request has',
  request: { render: { composition: 'MyComposition', codec: 'h264' } },
};

/** The requests of the examples that are there, and the shortest one. */
export function samples(): Sample[] {
  const folder = join(import.meta.dirname, '..', '..', 'examples');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.map((name) => ({ name, file: join(folder, name, 'request.json') }));
  return [
    ...files
      .filter(({ file }) => existsSync(file))
      .map(({ name, file }) => ({ name, request: JSON.parse(readFileSync(file, 'utf8')) as unknown })),
    MINIMAL,
  ];
}
