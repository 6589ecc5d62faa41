import type { RemotionResources } from './grants/narrowed-grants.ts';
import type { RenderWorkflowProps } from './render-workflow-props.ts';

/** Remotion's functions and bucket that a workflow uses: the renderer's, or those that are named. */
export function remotionResources(props: RenderWorkflowProps): RemotionResources {
  const { renderer, remotionFunctionName = '', remotionBucketName = '' } = props;
  if (!renderer) return { functionName: remotionFunctionName, bucketName: remotionBucketName };
  const { functionName, otherFunctionNames, bucketName } = renderer;
  return { functionName, otherFunctionNames: Object.values(otherFunctionNames), bucketName };
}
