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
 * @param others names of what is Remotion's, by its ARN
 */
export function displayNames(
  resources: readonly Named[],
  others: Readonly<Record<string, string>>,
): DisplayNames {
  // The CDK makes a logical id of the construct's path and a digest of it. Those of the renderer's parts also have
  // the size of a function and the content of a site in them.
  const bare = (logicalId: string): string =>
    logicalId
      .replace(/[0-9A-F]{8}$/, '')
      .replace(/^RenderWorkflow(?=.)/, '')
      .replace(/^Rendererremotionrender\d+mem\d+mbdisk\d+mb\d+sec/, 'Remotion')
      .replace(/^Renderer\w+[0-9a-f]{10}Deploy(?=[A-Z])/, 'DeploySite')
      .replace(/^RendererAwaitRenders/, 'AwaitRenders');
  const replacements = resources
    .filter(({ attributes }) => !((attributes.Arn ?? '') in others))
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
        .replaceAll(LOCAL_ACCOUNT_ID, '<account>')
        .replaceAll(/(?<=\/sites\/[\w-]+-)[0-9a-f]{10}(?=\/)/g, '<hash>'),
  };
}
