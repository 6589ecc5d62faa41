import type { RenderRequest } from '../../statemachine/contract.ts';
import { type AllowedDestinations, chooseDestination } from './destination.ts';
import { chooseFunction, chooseSite, readRendererSettings, requirePrivate } from './renderer-settings.ts';

/**
 * A line for everything of a request that this stack does not take, as StartRender would say it. Asks nobody: what
 * another may change meanwhile, such as an object at the destination, StartRender looks at.
 */
export function stackProblems(
  request: RenderRequest & { jobId: string },
  destinations: AllowedDestinations,
): string[] {
  const { sites, otherFunctions } = readRendererSettings();
  const checks = [
    () => chooseSite(request.render, process.env.DEFAULT_SERVE_URL),
    () => chooseFunction(request, '', otherFunctions),
    () => requirePrivate(request.render, sites),
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
