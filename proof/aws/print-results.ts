import { costOf } from './costs.ts';
import type { ScenarioResult } from './run-scenarios.ts';
import type { Verification } from './verification.ts';

/** The table to tell others: it has no account and no bucket in it. */
export function printResults(
  results: readonly ScenarioResult[],
  on: Pick<Verification, 'ends'>,
  secrets: readonly string[],
): string {
  const lines = results.map(({ name, status, seen, seconds }) => {
    const told = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), seen.split('\n')[0] ?? '');
    return `| ${status} | ${name} | ${told.replaceAll('|', '/').slice(0, 200)} | ${seconds} |`;
  });
  const { renders, transitions } = costOf(on);
  const failed = results.filter(({ status }) => status === 'failed').length;
  return [
    '| | scenario | seen | seconds |',
    '| --- | --- | --- | ---: |',
    ...lines,
    '',
    `${results.length - failed} of ${results.length} as they should be. Cost: $${renders.toFixed(4)} of renders, as Remotion estimates it, and $${transitions.toFixed(4)} of state transitions; requests, logs and the stack itself are some cents at most.`,
  ].join('\n');
}
