/** Holds the longest line that is printed whole (64 KiB characters, most of three bytes each) and what stands before it. */
const pageSize = 256 * 1024;
const bytesPerCharacter = 3;
const lineEnd = 10;

const spare: Buffer[] = [];
let page: Buffer | undefined;
let used = 0;
let isTogether = false;

/** Prints a line for the runner, of parts. */
export function printLine(...parts: readonly string[]): void {
  const most = 1 + parts.reduce((sum, { length }) => sum + length, 0) * bytesPerCharacter;
  if (!isTogether || most > pageSize) {
    turnPage();
    process.stdout.write(`${parts.join('')}\n`);
    return;
  }
  if (used + most > pageSize) turnPage();
  page ??= spare.pop() ?? Buffer.allocUnsafeSlow(pageSize);
  for (const part of parts) used += page.write(part, used);
  page[used++] = lineEnd;
}

/** Hands what was printed together to the runner: what is printed from here on comes after it. */
export function turnPage(): void {
  if (page === undefined) return;
  const full = page;
  process.stdout.write(full.subarray(0, used), () => spare.push(full));
  page = undefined;
  used = 0;
}

/** Hands to the runner what the work prints in pages, which are used again once they are read. Lines that wait one by one are what node's
 * memory for young objects grows with (by 100 MiB, measured), and a write for each costs more than the line. */
export function printTogether(work: () => void): void {
  isTogether = true;
  try {
    work();
  } finally {
    isTogether = false;
    turnPage();
  }
}
