import { logger } from './step-handler.ts';

/**
 * What CloudFormation asks of a custom resource.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
export interface CustomResourceEvent<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** Takes one PUT, with what became of it. */
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
}

/**
 * Makes a Lambda handler of a custom resource, which always answers: CloudFormation would wait for an hour.
 *
 * @param physicalId Names what the properties describe: for another name CloudFormation asks for the old to be deleted.
 */
export function customResource<Properties>(
  physicalId: (properties: Properties) => string,
  change: (type: CustomResourceEvent<Properties>['RequestType'], properties: Properties) => Promise<void>,
): (event: CustomResourceEvent<Properties>) => Promise<void> {
  return async (event) => {
    const { RequestType, ResourceProperties, ResponseURL, StackId, RequestId, LogicalResourceId } = event;
    const answer = { StackId, RequestId, LogicalResourceId };
    const PhysicalResourceId =
      RequestType === 'Delete' && event.PhysicalResourceId
        ? event.PhysicalResourceId
        : physicalId(ResourceProperties);
    let failure: Error | undefined;
    try {
      await change(RequestType, ResourceProperties);
    } catch (error) {
      failure = error as Error;
      logger.error(failure.message, { errorName: failure.name });
    }
    const { ok, status } = await fetch(ResponseURL, {
      method: 'PUT',
      // The address is signed for an empty type.
      headers: { 'content-type': '' },
      body: JSON.stringify({
        ...answer,
        PhysicalResourceId,
        ...(failure
          ? { Status: 'FAILED', Reason: `${failure.name}: ${failure.message}` }
          : { Status: 'SUCCESS' }),
      }),
    });
    if (!ok) throw new Error(`CloudFormation answered ${status}.`);
  };
}
