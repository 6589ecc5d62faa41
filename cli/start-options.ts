import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseContextValues } from './context-values.ts';
import { readJsonFile } from './read-json-file.ts';
import { UsageError } from './usage-error.ts';

export const START_USAGE = `Renders a video through the whole workflow on this machine.

  npm start                       renders examples/hello-world
  npm start -- --request FILE     renders what the request in FILE (JSON) asks for
  npm start -- --event FILE       sends the event in FILE (JSON, as for "aws events put-events") through EventBridge
  npm start -- --batch DIR        renders DIR/rows.csv with DIR/template.json and the site DIR/index.ts: a video of each row
  npm start -- --out DIR          saves the video in DIR (default: out)
  npm start -- -c NAME=VALUE      a setting of the stack, as of "npx cdk deploy": -c site=src/index.ts
  npm start -- --console          prints the link of a page to watch it, and stays until Ctrl-C
  npm start -- --json             prints one JSON document on stdout, all else on stderr

Where the package is installed, "npx remotion-step-functions start" stands for "npm start --".

Exit status: 0 the video is there; 1 the execution failed; 2 the command or its file cannot be used.`;

const EXAMPLE_REQUEST = join(import.meta.dirname, '..', 'examples', 'hello-world', 'request.json');

/** An entry of `aws events put-events`. */
export interface EventEntry {
  readonly Source: string;
  readonly DetailType: string;
  /** JSON text. */
  readonly Detail: string;
  readonly EventBusName?: string;
}

export interface StartOptions {
  readonly help: boolean;
  /** What starts the execution: its input, an event, or the folder of a batch. */
  readonly start: { readonly input: unknown } | { readonly event: EventEntry } | { readonly batch: string };
  /** Values of the CDK context. */
  readonly context: Readonly<Record<string, string>>;
  /** Absolute path of the folder for the video. */
  readonly out: string;
  /** Whether there is a page to watch the render, which stays after it. */
  readonly console: boolean;
  readonly json: boolean;
}

/** @throws UsageError naming the option or the file and what is accepted. */
export function parseStartOptions(argv: readonly string[]): StartOptions {
  const { request, event, batch, context, out, console, json, help } = parse(argv);
  const beginnings = Object.entries({ request, event, batch }).filter(([, value]) => value !== undefined);
  if (beginnings.length > 1) {
    const named = beginnings.map(([name]) => `--${name}`).join(' and ');
    throw new UsageError(`${named} cannot be used together: an execution has one beginning.`);
  }
  return {
    help: help ?? false,
    start: startOf(request, event, batch),
    // The site of a batch is in its folder.
    context: {
      ...(batch !== undefined && { site: join(batch, 'index.ts') }),
      ...parseContextValues(context),
    },
    out: resolve(out ?? 'out'),
    console: console ?? false,
    json: json ?? false,
  };
}

function startOf(
  request: string | undefined,
  event: string | undefined,
  batch: string | undefined,
): StartOptions['start'] {
  if (batch !== undefined) return { batch };
  if (event !== undefined) return { event: readEvent(event) };
  return { input: readJsonFile('--request', request ?? EXAMPLE_REQUEST) };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        request: { type: 'string' },
        event: { type: 'string' },
        batch: { type: 'string' },
        context: { type: 'string', short: 'c', multiple: true },
        out: { type: 'string' },
        console: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readEvent(file: string): EventEntry {
  const content = readJsonFile('--event', file);
  const [entry, ...more] = Array.isArray(content) ? content : [content];
  const { Source, DetailType, Detail } = (entry ?? {}) as Record<string, unknown>;
  const missing = Object.entries({ Source, DetailType }).filter(([, value]) => typeof value !== 'string');
  if (more.length > 0 || missing.length > 0 || Detail === undefined) {
    throw new UsageError(
      `--event: ${file} is not one event as "aws events put-events" takes it; expected an object, or an array of one, with Source and DetailType (text) and Detail (JSON text or an object).`,
    );
  }
  return { ...(entry as EventEntry), Detail: typeof Detail === 'string' ? Detail : JSON.stringify(Detail) };
}
