import { PROCESSES } from '../../../proof/faults/in-shards.ts';
import { compareWithDocument } from './fault-document.ts';

// With those of `npm test`: every kind of fault.
compareWithDocument(
  [
    'delivered | Step Functions → StartRender | execution stopped after the call | first',
    'delivered | StartRender → Invoke Remotion | throttled | first',
    'delivered | StartRender → Invoke Remotion | connection reset | first',
    'delivered | StartRender → Invoke Remotion | garbled answer | first',
    'delivered | StartRender → Invoke Remotion | takes effect 20 minutes late | first',
    'delivered | StartRender → Invoke Remotion | same request arrives again before the call | first',
    'delivered | StartRender → PutObject claim (If-Match) | precondition failed (412) | first',
    'delivered | Step Functions → GetRenderProgress | answered 20 minutes late | first',
    'delivered | GetRenderProgress → GetObject progress.json | access denied | every',
    'delivered | CopyToBucket → CopyObject destination (If-None-Match) | function killed after the call | first',
    'delivered | CopyToBucket → CopyObject destination (If-None-Match) | conflict (409) | first',
    'delivered | CopyToBucket → HeadObject destination | not found (404) | every',
    'the render fails at 40 % | CancelRender → PutObject cancel.json | internal error | first',
    'stopped while it renders | EventBridge → CancelRender | throttled | first',
    'delivered | Step Functions → PutEvents Render Succeeded | access denied | every',
    'the render fails at 40 % | Step Functions → PutEvents Render Failed | 200 with an error in it | every',
    'stopped while it renders | CancelRender → PutEvents Render Cancelled | answered 20 minutes late | every',
    'the render hangs before metadata',
    'the render lies about a timeout',
    'the render finishes after it was cancelled',
    'delivered, then its files are deleted | CopyToBucket → DeleteObjects render files | 200 with an error in it | first',
    'delivered in parts | CopyToBucket → CompleteMultipartUpload destination (If-None-Match) | 200 with an error in it | first',
    'the copy in parts is interrupted',
    'a function of the render is throttled',
    'a function of the render is throttled, and the request is impatient',
    'Remotion refuses the site',
    "Remotion's launch is throttled",
    "the launch waits in Lambda's queue",
  ],
  PROCESSES,
);
