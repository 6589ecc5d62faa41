import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../local/aws.ts';
import type { LocalResource } from '../local/cloud-assembly/physical-ids.ts';

/** How resources and ARNs are spelled in the tables. */
export interface DisplayNames {
  /** `StartRender` for the role with the logical id `RenderWorkflowStartRenderRole1A2B3C4D`. */
  nameOf(logicalId: string): string;
  /** Puts names in place of the ids that are made up on this machine. */
  display(text: string): string;
}

type Named = LocalResource & { readonly logicalId: string; readonly type: string };

/**
 * @param resources all of the stack
 * @param others names of what is not in the stack, by its ARN
 */
export function displayNames(
  resources: readonly Named[],
  others: Readonly<Record<string, string>>,
): DisplayNames {
  // The CDK makes a logical id of the construct's path and a digest of it.
  const bare = (logicalId: string): string =>
    logicalId.replace(/[0-9A-F]{8}$/, '').replace(/^RenderWorkflow(?=.)/, '');
  const replacements = resources
    .filter(({ type }) => !/^AWS::(IAM::Policy|CDK|Lambda::Permission)|Policy$/.test(type))
    .flatMap(({ logicalId, ref, name, attributes }) =>
      [attributes.Arn, ref, name]
        .filter((id) => id !== undefined)
        .map((id) => [id, `<${bare(logicalId)}>`] as const),
    )
    .concat(Object.entries(others).map(([arn, name]) => [arn, `<${name}>`] as const))
    .sort(([a], [b]) => b.length - a.length);
  return {
    nameOf: (logicalId) => bare(logicalId).replace(/Role$/, ''),
    display: (text) =>
      replacements
        .reduce((spelled, [id, name]) => spelled.replaceAll(id, name), text)
        .replaceAll(`:${LOCAL_REGION}:`, ':<region>:')
        .replaceAll(`.${LOCAL_REGION}.`, '.<region>.')
        .replaceAll(LOCAL_ACCOUNT_ID, '<account>'),
  };
}
