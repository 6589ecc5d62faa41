import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/**
 * Reads the JSON file that an option names.
 *
 * @throws UsageError naming the option and the file.
 */
export function readJsonFile(option: string, file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${option}: cannot read ${file} (${(error as NodeJS.ErrnoException).code}).`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${option}: ${file} is not JSON: ${(error as Error).message}`);
  }
}
