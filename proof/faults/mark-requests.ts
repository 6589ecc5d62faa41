import { ClientRequest, OutgoingMessage } from 'node:http';

/** Node's own, by which each message makes its headers final: a request with `Expect` as soon as it is made. */
interface HeaderStore {
  _storeHeader(this: OutgoingMessage, firstLine: string, headers: unknown): void;
}

/**
 * Puts a header into each HTTP request that this process makes from here on, whoever has imported what to make it
 * with. What is told of a request by a diagnostics channel comes too late for one that asks before it sends its body
 * (`Expect`): its headers are final by then.
 *
 * @param value of the header; undefined for a request without it
 */
export function markRequests(
  header: string,
  value: () => string | undefined,
  onMarked: (request: ClientRequest, mark: string) => void = () => {},
): void {
  const messages = OutgoingMessage.prototype as unknown as HeaderStore;
  const { _storeHeader: store } = messages;
  messages._storeHeader = function (firstLine, headers) {
    const mark = this instanceof ClientRequest ? value() : undefined;
    if (mark !== undefined) {
      this.setHeader(header, mark);
      onMarked(this as ClientRequest, mark);
    }
    store.call(this, firstLine, headers);
  };
}
