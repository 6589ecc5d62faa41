import type { RenderRequest } from '../../statemachine/contract.ts';
import { type AllowedDestinations, chooseDestination } from '../render/destination.ts';
import { chooseFunction, chooseSite, readRendererSettings } from '../render/renderer-settings.ts';

/** A line for everything of a request that this stack does not take, as StartRender would say it. */
export function stackProblems(
  request: RenderRequest & { jobId: string },
  destinations: AllowedDestinations,
): string[] {
  const checks = [
    () => chooseSite(request.render, process.env.DEFAULT_SERVE_URL),
    () => chooseFunction(request, '', readRendererSettings().otherFunctions),
    () => chooseDestination(request, destinations),
  ];
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      // What comes first is that the request is not valid.
      return (error as Error).message.split('\n').slice(1);
    }
  });
}
