import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * A request handler for Remotion's client that knows whether a Lambda invocation was sent. Without it an error
 * of `renderMediaOnLambda` does not tell whether a render can have been started.
 */
export class ObservedRequestHandler extends NodeHttpHandler {
  /** Whether a request to invoke a function has been handed to the network. */
  invoked = false;

  override handle(...args: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    if (args[0].path.endsWith('/invocations')) this.invoked = true;
    return super.handle(...args);
  }
}
