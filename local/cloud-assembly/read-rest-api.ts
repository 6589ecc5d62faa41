import type { LocalApiMethod, LocalRestApi } from './local-stack.ts';
import { type ResolvedResource, type ResourcesOfType, refuse } from './resolved-resource.ts';
import { UnsupportedTemplate } from './template.ts';

/**
 * Throws UnsupportedTemplate for an API that has not exactly one stage, and for a method that is not authorized by
 * IAM and integrated with an action of an AWS service by a template.
 */
export function readRestApi(api: ResolvedResource, ofType: ResourcesOfType): LocalRestApi {
  refuse(api, 'Policy', 'Body', 'BodyS3Location', 'DisableExecuteApiEndpoint', 'ApiKeySourceType');
  const own = (type: string): ResolvedResource[] =>
    ofType(`AWS::ApiGateway::${type}`).filter(({ properties }) => properties.RestApiId === api.ref);
  const [stage, ...others] = own('Stage');
  if (!stage || others.length > 0) throw new UnsupportedTemplate(api.path, 'an API with one stage is needed');
  refuse(stage, 'CacheClusterEnabled', 'CanarySetting', 'Variables', 'ClientCertificateId');

  const resources = own('Resource');
  const pathOf = (resourceId: string): string => {
    const resource = resources.find(({ ref }) => ref === resourceId);
    if (!resource) return '';
    return `${pathOf(resource.properties.ParentId)}/${resource.properties.PathPart}`;
  };
  return {
    id: api.ref,
    stage: stage.ref,
    methods: own('Method').map((method) => ({
      ...readMethod(method),
      path: pathOf(method.properties.ResourceId),
      takesObject: takesObject(method, own),
    })),
  };
}

function readMethod(item: ResolvedResource): Omit<LocalApiMethod, 'path' | 'takesObject'> {
  refuse(item, 'AuthorizerId', 'AuthorizationScopes', 'ApiKeyRequired');
  const { HttpMethod, AuthorizationType, Integration = {} } = item.properties;
  const { Credentials, IntegrationHttpMethod, IntegrationResponses, PassthroughBehavior, ...rest } =
    Integration;
  const { RequestTemplates, Type, Uri, ...unknown } = rest;
  const template = RequestTemplates?.['application/json'];
  const [, service, action] = /^arn:aws:apigateway:[^:]+:([\w-]+):action\/(\w+)$/.exec(Uri) ?? [];
  if (AuthorizationType !== 'AWS_IAM')
    throw new UnsupportedTemplate(`${item.path}/AuthorizationType`, `${AuthorizationType} is not supported`);
  if (
    !service ||
    !action ||
    Type !== 'AWS' ||
    IntegrationHttpMethod !== 'POST' ||
    PassthroughBehavior !== 'NEVER' ||
    typeof template !== 'string' ||
    Object.keys(RequestTemplates).length > 1 ||
    Object.keys(unknown).length > 0
  )
    throw new UnsupportedTemplate(
      `${item.path}/Integration`,
      'an AWS action with a template for application/json and nothing else is supported',
    );
  return {
    httpMethod: HttpMethod,
    roleArn: Credentials,
    service,
    action,
    requestTemplate: template,
    responses: (IntegrationResponses ?? []).map(readResponse(item)),
  };
}

const readResponse =
  (item: ResolvedResource) =>
  (
    { StatusCode, SelectionPattern, ...unknown }: Record<string, string>,
    i: number,
  ): LocalApiMethod['responses'][number] => {
    const [name] = Object.keys(unknown);
    if (name)
      throw new UnsupportedTemplate(
        `${item.path}/Integration/IntegrationResponses/${i}`,
        `${name} is not supported`,
      );
    return { status: Number(StatusCode), ...(SelectionPattern && { selectionPattern: SelectionPattern }) };
  };

/** Whether the method's validator refuses a body that is no JSON object. */
function takesObject(item: ResolvedResource, own: ResourcesOfType): boolean {
  const { RequestValidatorId, RequestModels = {} } = item.properties;
  const validator = own('RequestValidator').find(({ ref }) => ref === RequestValidatorId);
  const models = Object.entries(RequestModels);
  if (!validator?.properties.ValidateRequestBody || models.length === 0) return false;
  const model = own('Model').find(({ ref }) => ref === RequestModels['application/json']);
  const { $schema, ...schema } = model?.properties.Schema ?? {};
  if (models.length > 1 || JSON.stringify(schema) !== '{"type":"object"}')
    throw new UnsupportedTemplate(`${item.path}/RequestModels`, 'one model of type object is supported');
  return true;
}
