import type { ExecutionFeed } from './execution-feed.ts';
import type { Visit } from './execution-story.ts';

/**
 * What the page shows of every execution, without the inputs and outputs of its states, which it asks for one by one.
 *
 * @param told How many visits, from the first on, the page knows already as they are.
 */
export function executionMessage({ execution, story, trouble }: ExecutionFeed, told: number): object {
  const { visits, publications, redriven } = story;
  return {
    ...(execution && {
      executionArn: execution.executionArn,
      name: execution.name,
      status: execution.status,
      startedAt: execution.startDate?.getTime(),
      stoppedAt: execution.stopDate?.getTime(),
      canBeRedriven: execution.redriveStatus === 'REDRIVABLE',
      ...(execution.error && { error: execution.error }),
    }),
    ...(trouble && { trouble }),
    told,
    visits: visits.slice(told).map(withoutData),
    publications,
    redriven,
  };
}

function withoutData({ input: _input, output: _output, ticket: _ticket, attempts, ...visit }: Visit): object {
  return { ...visit, attempts: attempts.map(({ cause: _cause, ...attempt }) => attempt) };
}
