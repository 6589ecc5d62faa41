import { GetExecutionHistoryCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { RenderWatch } from '../render-watch.ts';
import { ExecutionStory } from './execution-story.ts';

/** Enough for the last passes through a loop, with their retries. */
const EVENTS = 40;

/** What the newest events of an execution tell, of those that nobody watches more closely. */
export async function lookAtNewest(
  sfn: SFNClient,
  executionArn: string,
): Promise<{ readonly story: ExecutionStory; readonly watch: RenderWatch }> {
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({
      executionArn,
      reverseOrder: true,
      maxResults: EVENTS,
      includeExecutionData: true,
    }),
  );
  events.reverse();
  const [story, watch] = [new ExecutionStory(), new RenderWatch()];
  story.tell(events);
  watch.see(events);
  return { story, watch };
}
