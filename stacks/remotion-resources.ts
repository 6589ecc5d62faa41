import type { RemotionResources } from './grants/narrowed-grants.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';

/** The same, with where the workflow keeps what is its own. Several may share a Remotion bucket, of different names. */
export function workflowResources(
  props: RenderWorkflowProps,
  serviceName: string,
): RemotionResources & Required<Pick<RemotionResources, 'jobsPrefix' | 'turnsPrefix'>> {
  return {
    ...remotionResources(props),
    jobsPrefix: `render-workflows/${serviceName}/jobs/`,
    turnsPrefix: `render-workflows/${serviceName}/turns/`,
  };
}

/** Remotion's functions and bucket that a workflow uses: the renderer's, or those that are named. */
export function remotionResources(props: RenderWorkflowProps): RemotionResources {
  const { renderer, remotionFunctionName = '', remotionBucketName = '' } = props;
  if (!renderer) return { functionName: remotionFunctionName, bucketName: remotionBucketName };
  const { functionName, otherFunctionNames, bucketName } = renderer;
  return { functionName, otherFunctionNames: Object.values(otherFunctionNames), bucketName };
}
