/** A line of a file. Paths are as whoever told of it spells them, where nothing else is said. */
export interface Place {
  readonly file: string;
  readonly line: number;
}
