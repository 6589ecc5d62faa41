import { type AnswerMeaning, REMOTION_ANSWERS } from './remotion-answers.ts';

/**
 * What AWS answers to the calls that Remotion makes, as the SDK's errors begin. Lambda refuses an invocation with
 * these names before the function runs: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. That of the
 * missing capacity is one that Remotion knows too (`isFlakyError` of its client).
 */
const AWS_ANSWERS: Readonly<Partial<Record<AnswerMeaning, readonly string[]>>> = {
  impossible: ['RequestTooLargeException: ', 'RequestEntityTooLargeException: '],
  noCapacity: [
    'TooManyRequestsException: ',
    'ServiceException: We currently do not have sufficient capacity in the region you requested',
  ],
  notStarted: [
    'AccessDeniedException: ',
    'ExpiredTokenException: ',
    'InvalidParameterValueException: ',
    'InvalidRequestContentException: ',
    'InvalidSignatureException: ',
    'ResourceConflictException: ',
    'ResourceNotFoundException: ',
    'UnrecognizedClientException: ',
    'UnsupportedMediaTypeException: ',
  ],
};

/** As far as an answer is read: some quote all that they were asked. */
const LONGEST_BEGIN = 2_000;

interface KnownAnswer {
  readonly meaning: AnswerMeaning;
  readonly pattern: RegExp;
  /** A sentence that begins with its own words is surer than one that begins with what is filled in. */
  readonly weight: number;
}

const KNOWN_ANSWERS: readonly KnownAnswer[] = [AWS_ANSWERS, REMOTION_ANSWERS]
  .flatMap((answers) => Object.entries(answers) as [AnswerMeaning, readonly string[]][])
  .flatMap(([meaning, sentences]) => sentences.map((sentence) => knownAnswer(meaning, sentence)))
  .sort((a, b) => b.weight - a.weight);

/**
 * What an error of Remotion means.
 *
 * @param text The error's message, or its stack, which says the name of an error of AWS as well.
 * @returns Undefined for a sentence that Remotion does not have.
 */
export function meaningOf(text: string): AnswerMeaning | undefined {
  const begin = text.slice(0, LONGEST_BEGIN);
  return KNOWN_ANSWERS.find(({ pattern }) => pattern.test(begin))?.meaning;
}

/** The message without what it quotes of a request or an answer: props are nobody's business in a log. */
export function withoutQuotes(message: string): string {
  return message.replace(/((?: [Pp]ayload|^Invalid JSON[^:]*): ).*/s, '$1…');
}

function knownAnswer(meaning: AnswerMeaning, sentence: string): KnownAnswer {
  const words = sentence.split('{}');
  const filledIn = words.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*?');
  return {
    meaning,
    // Errors of errors say the names of all of them.
    pattern: new RegExp(`^(?:Uncaught )?(?:\\w*Error: )*${filledIn}`),
    weight: words.join('').length + (words[0] === '' ? 0 : 1000),
  };
}
