declare module 'asl-validator' {
  /** Checks a definition whose substitutions are filled in; it changes its argument. */
  export default function validate(definition: object): {
    isValid: boolean;
    errorsText(separator: string): string;
  };
}
