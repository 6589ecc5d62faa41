import type { RendererMachine } from './renderer-machine.ts';
import type { Scenario } from './scenario.ts';

const NOT_CHECKED = 'Could not check for a render cancellation signal';

/** More than an invocation of Lambda takes. */
const LARGE = 220_000;

/** What the renderer's roles are for, by Remotion's own function. */
export const RENDERER_SCENARIOS: readonly Scenario<RendererMachine>[] = [
  {
    name: "a render with Remotion's own function, which looks whether it is to be cancelled",
    async run(machine, jobId) {
      const before = machine.printed().length;
      const failure = await machine.render(jobId, { logLevel: 'warn' });
      if (failure) return failure;
      return machine.printed().slice(before).includes(NOT_CHECKED) ? NOT_CHECKED : undefined;
    },
  },
  {
    name: "a render of large props with Remotion's own function, which leaves none behind",
    async run(machine, jobId) {
      const propsLeft = async () => [
        ...(await machine.keysBelow('input-props/')),
        ...(await machine.keysBelow('resolved-props/')),
      ];
      const subtitle = 'x'.repeat(LARGE);
      const inputPropsUri = await machine.putProps(jobId, { durationInSeconds: 1, subtitle, jobId });
      const before = await propsLeft();
      const failure = await machine.render(jobId, { inputProps: undefined, inputPropsUri });
      if (failure) return failure;
      const left = (await propsLeft()).filter((key) => !before.includes(key));
      return left.length > 0 ? `left behind: ${left.join(', ')}` : undefined;
    },
  },
  {
    name: 'a site that is deployed, and one that is replaced',
    async run(machine) {
      const sites = machine.stack.customResources.filter(({ type }) => type === 'Custom::RemotionSite');
      try {
        for (const site of sites) {
          await machine.customResources.create(site);
          await machine.customResources.delete(site);
        }
        return sites.length > 0 ? undefined : 'there is no site';
      } catch (error) {
        return (error as Error).message;
      }
    },
  },
];
