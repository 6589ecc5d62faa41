import type { LocalResource } from './physical-ids.ts';
import { UnsupportedTemplate } from './template.ts';

/** One resource with its properties resolved. */
export interface ResolvedResource extends LocalResource {
  readonly logicalId: string;
  readonly type: string;
  /** Where its properties stand, for error messages. */
  readonly path: string;
  // Untyped: their shape is CloudFormation's, which the CDK has checked.
  // biome-ignore lint/suspicious/noExplicitAny: typing every property of every resource would say nothing new.
  readonly properties: any;
}

export type ResourcesOfType = (type: string) => ResolvedResource[];

/** Refuses properties that would change what the resource does, and that nothing here looks at. */
export function refuse({ properties, path, type }: ResolvedResource, ...names: string[]): void {
  for (const name of names)
    if (properties[name] !== undefined)
      throw new UnsupportedTemplate(`${path}/${name}`, `${name} of ${type} is not supported`);
}
