// Lit turns an attribute that was taken away into null; a property should then be what it was before.

/** The text of an attribute; undefined without it. */
export function optionalText(value: string | null): string | undefined {
  return value ?? undefined;
}

/** The text of an attribute; undefined without it, and where it is empty. */
export function givenText(value: string | null): string | undefined {
  return value === null || value === '' ? undefined : value;
}

/** The number of an attribute; undefined without it. */
export function optionalNumber(value: string | null): number | undefined {
  return value === null ? undefined : Number(value);
}

/** Reads the number of an attribute; `initial` without it. */
export function numberOr(initial: number): (value: string | null) => number {
  return (value) => (value === null ? initial : Number(value));
}
