import { getUserPolicy } from '@remotion/lambda/policies';
import { remotionGrants } from '../../../stacks/grants/remotion-policy.ts';
import { REMOTION_BUCKET, REMOTION_FUNCTION } from '../synthesize.ts';

const remotion = { functionName: REMOTION_FUNCTION, bucketName: REMOTION_BUCKET };

describe("the grants derived from Remotion's user policy", () => {
  test('stop the synth when a new Remotion version has dropped an action that a step uses', () => {
    const policy = getUserPolicy().replace('"lambda:InvokeFunction",', '');
    expect(() => remotionGrants('StartRender', remotion, policy)).toThrow(
      expect.objectContaining({
        name: 'NotInRemotionPolicy',
        message: expect.stringContaining('StartRender needs lambda:InvokeFunction'),
      }),
    );
  });

  test('stop the synth when the statement they come from is gone', () => {
    const policy = getUserPolicy().replace('"Storage"', '"Disk"');
    expect(() => remotionGrants('GetRenderProgress', remotion, policy)).toThrow(
      expect.objectContaining({ name: 'NotInRemotionPolicy' }),
    );
  });

  test.each([
    ['a bucket', { ...remotion, bucketName: 'our-bucket' }, 'arn:aws:s3:::our-bucket/input-props/*'],
    ['a function', { ...remotion, functionName: 'our-function' }, 'arn:aws:lambda:*:*:function:our-function'],
  ])('never reach %s that Remotion itself does not grant', (_what, resources, arn) => {
    expect(() => remotionGrants('StartRender', resources)).toThrow(
      expect.objectContaining({ name: 'NotInRemotionPolicy', message: expect.stringContaining(arn) }),
    );
  });

  test('each say why the step needs them', () => {
    for (const step of ['StartRender', 'GetRenderProgress', 'CopyToBucket', 'CancelRender'] as const) {
      for (const { why } of remotionGrants(step, remotion)) expect(why.length).toBeGreaterThan(20);
    }
  });
});
