/** A string that only its own parse function can make, so that two kinds of text cannot be mixed up. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
