import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { RenderWorkflowProps } from './render-workflow-props.ts';

/** Where the videos of a workflow may go, the default first. */
export function destinationBuckets(
  destinationBucket: IBucket,
  { otherDestinationBuckets = [] }: RenderWorkflowProps,
): IBucket[] {
  return [destinationBucket, ...otherDestinationBuckets];
}

/** What a function that checks requests knows of the stack: its sites, its sizes, and where videos may go. */
export function requestEnvironment(
  destinationBucket: IBucket,
  props: RenderWorkflowProps,
): Record<string, string> {
  const { renderer, destinationTags } = props;
  const defaultServeUrl = props.defaultServeUrl ?? Object.keys(renderer?.siteFolders ?? {})[0];
  return {
    DESTINATION_BUCKET_NAMES: destinationBuckets(destinationBucket, props)
      .map(({ bucketName }) => bucketName)
      .join(','),
    ...(destinationTags && { DESTINATION_TAGS: 'true' }),
    ...(renderer && {
      OTHER_REMOTION_FUNCTIONS: JSON.stringify(renderer.otherFunctionNames),
      SITES_URL: renderer.sitesUrl,
      SITE_FOLDERS: JSON.stringify(renderer.siteFolders),
    }),
    ...(defaultServeUrl && { DEFAULT_SERVE_URL: defaultServeUrl }),
  };
}
