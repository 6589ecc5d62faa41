import { stripVTControlCharacters } from 'node:util';
import ora from 'ora';
import type { FailureCause, RenderResult } from '../statemachine/contract.ts';
import type { ExecutionEnd, ExecutionUpdate } from './follow-execution.ts';

const BAR_WIDTH = 24;

/** Shows on stderr what happens: a line that changes in a terminal, a line a change elsewhere. */
export interface Display {
  /** Shows what is being done. */
  working(what: string): void;
  /** Shows that something was done. */
  done(what: string): void;
  failed(what: string): void;
}

export function createDisplay(stream: NodeJS.WriteStream = process.stderr): Display {
  if (!stream.isTTY) {
    let last = '';
    const write = (mark: string) => (what: string) => {
      const line = `${mark} ${stripVTControlCharacters(what)}`;
      if (line !== last) stream.write(`${line}\n`);
      last = line;
    };
    return { working: write('-'), done: write('✔'), failed: write('✖') };
  }
  // Ctrl-C has to reach the process: ora would swallow it.
  const spinner = ora({ stream, discardStdin: false });
  return {
    working: (what) => void spinner.start(what),
    done: (what) => void spinner.succeed(what),
    failed: (what) => void spinner.fail(what),
  };
}

/** One line: the state, and once the render has begun a bar with frames and cost. */
export function describeUpdate({ state, progress }: ExecutionUpdate): string {
  if (progress === undefined) return state ?? 'Starting';
  const { progressInPercent, framesRendered, framesTotal, costInUsd } = progress;
  const filled = Math.round((progressInPercent / 100) * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const percent = `${Math.round(progressInPercent)} %`.padStart(5);
  return `${(state ?? '').padEnd(17)} ${bar} ${percent}  ${framesRendered}/${framesTotal ?? '?'} frames  ${usd(costInUsd)}`;
}

/** What a person needs to know about a finished execution. */
export function describeResult(result: RenderResult, end: ExecutionEnd): string {
  const megabytes = (result.sizeInBytes / 1_000_000).toFixed(2);
  return [
    `${result.framesRendered} frames in ${(end.durationInMs / 1000).toFixed(1)} s, ${megabytes} MB, ${end.stateTransitions} state transitions; on AWS the render would cost about ${usd(result.costInUsd)}`,
    `Delivered to ${result.s3Uri}`,
  ].join('\n  ');
}

/** Name, message and remedy of an execution that did not succeed. */
export function describeFailure({ status, error, cause = '' }: ExecutionEnd): string {
  const { message, remedy, logsUrl } = readCause(cause);
  const lines = [
    error ?? status,
    message,
    ...(logsUrl ? [`Logs: ${logsUrl}`] : []),
    ...(remedy ? [`What to do: ${remedy}`] : []),
  ];
  return lines.join('\n').trim().replaceAll('\n', '\n  ');
}

/** The workflow's cause is JSON; that of a stopped execution is whatever was said. */
function readCause(cause: string): Partial<FailureCause> {
  try {
    return JSON.parse(cause);
  } catch {
    return { message: cause };
  }
}

function usd(amount: number): string {
  return `$${amount.toFixed(4)}`;
}
