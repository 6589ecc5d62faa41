import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateTrace } from './generate-trace.ts';
import { parseTrace, type RenderTrace } from './render-trace.ts';

const FOLDER = join(import.meta.dirname, 'traces');
const SECONDS = [10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900];
const FUNCTIONS = [1, 8, 40, 200];

/** The traces recorded by `bench/record-traces.ts`. */
export function recordedTraces(): RenderTrace[] {
  return readdirSync(FOLDER).map((file) => parseTrace(readFileSync(join(FOLDER, file), 'utf8')));
}

/** Renders from the model, the same for the same seed, of 10 s to 15 min at 1 to 200 functions. */
export function generatedTraces(seed: number): RenderTrace[] {
  return SECONDS.flatMap((seconds, row) =>
    FUNCTIONS.map((functions, column) =>
      generateTrace({ seconds, functions, seed: seed * 1_000 + row * FUNCTIONS.length + column }),
    ),
  );
}
