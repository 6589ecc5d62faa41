import { isPassing } from '../../aws-problem.ts';
import { type Check, fail, ok, warn } from '../check.ts';
import { NotAsked } from '../not-asked.ts';

const LIMIT_OF_INVOCATIONS_IN_SECONDS = 90;

/**
 * What Remotion says of a site that its Chromium cannot open. What else it says comes from the compositions.
 * Source: `dist/set-props-and-env.js` and `dist/goto-page-or-throw.js` of `@remotion/renderer`
 */
const NOT_OPENED = /^(Error while getting compositions|Incompatible site|Visited "|net::)/;

/** The site of requests that name none. */
export const siteChecks: readonly Check[] = [
  {
    name: 'site',
    about: "The default site answers, and was bundled with the function's Remotion version.",
    permissions: [],
    async run(facts) {
      const site = await facts.defaultSite();
      const { clientVersion, hasRenderer } = await facts.settings();
      const upload = hasRenderer
        ? 'Deploy the stack again (npx cdk deploy), which uploads its sites.'
        : 'Upload it again (npx remotion lambda sites create, with the same --site-name).';
      const answer = await fetch(site, { signal: AbortSignal.timeout(10_000) }).catch((error: Error) => {
        const { code = error.name } = (error.cause ?? {}) as { code?: string };
        return { status: code, text: async () => '' };
      });
      if (typeof answer.status === 'string')
        return warn(
          `${site} cannot be reached from here (${answer.status})`,
          'See whether the function reaches it: the check "composition".',
        );
      if (answer.status !== 200) return fail(`${site} answers ${answer.status}`, upload);
      // As Remotion's own bundler writes it. Source: `getRemotionVersionFromIndexHtml` of `@remotion/serverless-client`
      const [, version] = /window\.remotion_version\s*=\s*'([^']+)'/.exec(await answer.text()) ?? [];
      if (version === undefined) return fail(`${site} is no Remotion site`, upload);
      if (clientVersion !== undefined && version !== clientVersion)
        return warn(`bundled with ${version}, and the function is of ${clientVersion}: ${site}`, upload);
      return ok(`bundled with ${version}: ${site}`);
    },
  },
  {
    name: 'composition',
    about:
      'The function opens the site in its Chromium, and the composition is there: the one of `--composition`, else any. Invokes it: some $0.0002.',
    permissions: ['lambda:InvokeFunction'],
    limitInSeconds: LIMIT_OF_INVOCATIONS_IN_SECONDS,
    async run(facts) {
      const compositions = await facts.compositions().catch((error: Error) => sentence(error));
      if (typeof compositions === 'string')
        return NOT_OPENED.test(compositions)
          ? fail(
              compositions,
              'Open the site in a browser: it has to load there without a sign-in. Upload it again if it is of another Remotion.',
            )
          : warn(compositions, 'Give the props that its compositions need: --props FILE.');
      const { composition: wanted } = facts.options;
      const names = compositions.map(({ id }) => id);
      const list = names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '');
      if (names.length === 0)
        return fail(
          'the site has no composition',
          'Register one in its root component, and upload the site again.',
        );
      if (wanted !== undefined && !names.includes(wanted))
        return fail(
          `the site has no composition "${wanted}", but ${list}`,
          'Name one of those, as the requests have to.',
        );
      return ok(list);
    },
  },
];

/** Renders one frame: the check of `--render`. */
export const renderCheck: Check = {
  name: 'render',
  about:
    'With `--render`: one frame of the composition, its first, becomes a picture in the Remotion bucket.',
  permissions: ['lambda:InvokeFunction'],
  limitInSeconds: LIMIT_OF_INVOCATIONS_IN_SECONDS,
  async run(facts) {
    const [{ renderStillOnLambda }, { region }, settings, compositions] = await Promise.all([
      facts.remotion(),
      facts.place(),
      facts.settings(),
      facts.compositions(),
    ]);
    const composition = facts.options.composition ?? compositions[0]?.id;
    if (composition === undefined) throw new NotAsked('the site has no composition');
    const still = await renderStillOnLambda({
      region,
      functionName: settings.functionNames[0],
      forceBucketName: settings.bucketName,
      serveUrl: await facts.defaultSite(),
      composition,
      inputProps: facts.options.inputProps ?? {},
      imageFormat: 'jpeg',
      privacy: 'private',
      maxRetries: 0,
      deleteAfter: '1-day',
      logLevel: 'error',
      // As StartRender: null makes Remotion's function send no usage event.
      licenseKey: settings.licenseKey ?? null,
    }).catch((error: Error) => error);
    if (still instanceof Error)
      return fail(
        `${composition}: ${sentence(still)}`,
        'Look at the composition with the same props in Remotion Studio; others are given with --props FILE.',
      );
    const { outKey, sizeInBytes, estimatedPrice } = still;
    const kilobytes = Math.ceil(sizeInBytes / 1000);
    return ok(
      `frame 0 of ${composition}, ${kilobytes} kB, for $${estimatedPrice.accruedSoFar.toFixed(5)}: s3://${settings.bucketName}/${outKey}`,
    );
  },
};

/** What Remotion says of a composition or a site, but not what Lambda says of the call. */
function sentence(error: Error): string {
  const { $metadata } = error as { $metadata?: object };
  if ($metadata || error instanceof NotAsked || isPassing(error)) throw error;
  return error.message.split('\n', 1)[0] ?? '';
}
