/** True where one edit, or two in a longer name, a swap of two neighbours counting as one, or other separators turn one into the other. */
export function isNear(known: string, given: string): boolean {
  const plain = (text: string): string => text.replace(/[-_ ]/g, '');
  if (plain(known) === plain(given) || plain(known) === `${plain(given)}s` || plain(given) === `${plain(known)}s`)
    return true;
  return editDistance(known, given) <= (known.length > 5 ? 2 : 1);
}

function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(cell(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, cell(i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, cell(i - 2, j - 2) + 1);
      row.push(best);
    }
  }
  return cell(a.length, b.length);
}
