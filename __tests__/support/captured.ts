/** What a piece of work prints on this process's standard output. */
export function captured(work: () => void): string {
  const printed: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = ((text: string) => printed.push(text) > 0) as typeof write;
  try {
    work();
  } finally {
    process.stdout.write = write;
  }
  return printed.join('');
}
