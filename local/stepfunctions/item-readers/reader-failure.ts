import { StateFailure } from '../state-failure.ts';

/** The items could not be read. */
export function readerFailure(cause: string): StateFailure {
  return new StateFailure('States.ItemReaderFailed', cause);
}
