import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { type Check, fail, ok, warn } from '../check.ts';

/** AWS refuses what was signed longer ago. In seconds. */
const SIGNATURES_ARE_VALID_FOR = 300;

const TOLERATED_IN_SECONDS = 60;

/** Who asks, and when. */
export const accountChecks: readonly Check[] = [
  {
    name: 'credentials',
    about: 'There are credentials, and AWS takes them.',
    permissions: [],
    first: true,
    async run({ clients: { sts } }) {
      const { Arn = '', Account = '' } = await sts.send(new GetCallerIdentityCommand({}));
      if (Arn.endsWith(':root'))
        return warn(
          `the root user of account ${Account}`,
          'Sign in with a role: the root user may do everything.',
        );
      return ok(`${Arn.split(':').at(-1)}, account ${Account}`);
    },
  },
  {
    name: 'clock',
    about:
      "This computer's clock agrees with AWS's, which refuses what was signed more than five minutes ago.",
    permissions: [],
    async run({ clients: { sts } }) {
      let server = Number.NaN;
      const command = new GetCallerIdentityCommand({});
      command.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          server = Date.parse((result.response as { headers: { date?: string } }).headers.date ?? '');
          return result;
        },
        { step: 'deserialize', priority: 'low' },
      );
      const asked = Date.now();
      await sts.send(command);
      const seconds = Math.round(((asked + Date.now()) / 2 - server) / 1000);
      if (Number.isNaN(seconds)) return warn('the answer has no time', 'Compare the clock by hand.');
      const found = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} AWS`;
      const remedy = 'Have the clock set by the network (NTP).';
      if (Math.abs(seconds) >= SIGNATURES_ARE_VALID_FOR) return fail(found, remedy);
      if (Math.abs(seconds) > TOLERATED_IN_SECONDS) return warn(found, remedy);
      return ok('as AWS has it, within a minute');
    },
  },
];
