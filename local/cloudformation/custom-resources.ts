import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';
import type { LocalCustomResource } from '../cloud-assembly/local-stack.ts';
import type { Gateway } from '../gateway.ts';
import type { FunctionHost } from '../lambda/function-host.ts';

/** Where functions answer CloudFormation; no bucket has such a name. */
const ANSWERS_PATH = '/_aws/cloudformation';

/** What a custom resource's function answers. */
interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
}

export interface CustomResourcesOptions {
  readonly gateway: Pick<Gateway, 'endpoint' | 'mount'>;
  readonly functions: Pick<FunctionHost, 'invokeEvent'>;
  readonly stackName: string;
}

/** CloudFormation, as far as it asks the functions of custom resources to make and to delete them. */
export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #asked = new Map<string, (answer: Answer) => void>();

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
    options.gateway.mount(ANSWERS_PATH, (request, response) => {
      this.#take(request, response).catch(() => response.writeHead(400).end());
    });
  }

  /** Throws Error with the reason that the function gives. */
  async create(resource: LocalCustomResource): Promise<void> {
    await this.#ask('Create', resource);
  }

  /** Throws Error with the reason that the function gives. */
  async delete(resource: LocalCustomResource): Promise<void> {
    await this.#ask('Delete', resource);
  }

  async #ask(RequestType: 'Create' | 'Delete', resource: LocalCustomResource): Promise<void> {
    const { logicalId, type, functionName, properties } = resource;
    const { gateway, functions, stackName } = this.#options;
    const RequestId = randomUUID();
    const answered = new Promise<Answer>((resolve) => this.#asked.set(RequestId, resolve));
    functions.invokeEvent({
      functionName,
      payload: JSON.stringify({
        RequestType,
        RequestId,
        ResponseURL: `${gateway.endpoint}${ANSWERS_PATH}/${RequestId}`,
        StackId: `arn:aws:cloudformation:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:stack/${stackName}/one-machine`,
        ResourceType: type,
        LogicalResourceId: logicalId,
        // CloudFormation makes text of every value.
        ResourceProperties: Object.fromEntries(
          Object.entries(properties).map(([name, value]) => [name, String(value)]),
        ),
      }),
    });
    const { Status, Reason } = await answered;
    if (Status === 'FAILED') throw new Error(`${RequestType} of ${logicalId} failed: ${Reason}`);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = request.url?.split('/').at(-1) ?? '';
    const answer = (await json(request)) as Answer;
    this.#asked.get(requestId)?.(answer);
    this.#asked.delete(requestId);
    response.writeHead(200).end();
  }
}
