import { getUserPolicy } from '@remotion/lambda/policies';
import { notInRemotionPolicy, remotionGrants } from '../../../stacks/grants/remotion-policy.ts';
import { REMOTION_BUCKET, REMOTION_FUNCTION } from '../synthesize.ts';

const remotion = { functionName: REMOTION_FUNCTION, bucketName: REMOTION_BUCKET };

describe("the grants derived from Remotion's user policy", () => {
  test('stop the synth when a new Remotion version has dropped an action that a step uses', () => {
    const policy = getUserPolicy().replace('"lambda:InvokeFunction",', '');
    expect(notInRemotionPolicy(remotion, policy)).toEqual([
      expect.stringMatching(/^NotInRemotionPolicy: StartRender needs lambda:InvokeFunction/),
    ]);
  });

  test('stop the synth when the statement they come from is gone', () => {
    const policy = getUserPolicy().replace('"Storage"', '"Disk"');
    expect(notInRemotionPolicy(remotion, policy)).toContainEqual(
      expect.stringMatching(/^NotInRemotionPolicy: GetRenderProgress needs /),
    );
  });

  test.each([
    ['a bucket', { ...remotion, bucketName: 'our-bucket' }, 'arn:aws:s3:::our-bucket/input-props/*'],
    ['a function', { ...remotion, functionName: 'our-function' }, 'arn:aws:lambda:*:*:function:our-function'],
  ])('never reach %s that Remotion itself does not grant', (_what, resources, arn) => {
    const [problem] = notInRemotionPolicy(resources);
    expect(problem).toMatch(/^NotInRemotionPolicy: StartRender needs /);
    expect(problem).toContain(arn);
  });

  test('each say why the step needs them', () => {
    for (const step of ['StartRender', 'GetRenderProgress', 'CopyToBucket', 'CancelRender'] as const) {
      for (const { why } of remotionGrants(step, { ...remotion, jobsPrefix: 'jobs/' }))
        expect(why.length).toBeGreaterThan(20);
    }
  });
});
