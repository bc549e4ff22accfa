/** Whether a Python is among those that a project asks for (PEP 440, "Version specifiers"; Poetry's `^` and `~`). Undefined where that
 * cannot be told: a form that is not known, or a version of which only the minor is.
 * @param version `3.13` or `3.13.9` */
export function meetsRequirement(version: string, requirement: string): boolean | undefined {
  if (!/^\d+\.\d+(?:\.\d+)?$/.test(version)) return undefined;
  const known = version.split('.').map(Number);
  const answers = requirement
    .split(',')
    .filter((one) => one.trim() !== '')
    .map((one) => meets(known, one.trim()));
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

function meets(known: readonly number[], one: string): boolean | undefined {
  if (one === '*') return true;
  const [, sign = '==', digits, wild] = /^(~=|===?|!=|<=|>=|<|>|\^|~)?\s*v?(\d+(?:\.\d+)*)(\.\*)?$/.exec(one) ?? [];
  if (digits === undefined) return undefined;
  const bound = digits.split('.').map(Number);
  if (wild !== undefined || ((sign === '==' || sign === '!=') && bound.length > known.length)) {
    const isSame = bound.every((number, at) => known[at] === undefined || number === known[at]);
    if (isSame && bound.length > known.length) return undefined;
    return (sign === '!=') !== isSame;
  }
  const lowest = holds(pad(known, 0), { sign, bound });
  // of `3.13` the last number may be any
  return lowest === holds(pad(known, known.length < 3 ? Number.POSITIVE_INFINITY : 0), { sign, bound })
    ? lowest
    : undefined;
}

function pad(numbers: readonly number[], last: number): readonly number[] {
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? last];
}

function holds(
  version: readonly number[],
  { sign, bound }: { readonly sign: string; readonly bound: readonly number[] },
): boolean {
  const order = compare(version, bound);
  switch (sign) {
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '<':
      return order < 0;
    case '!=':
      return order !== 0;
    case '~=':
      return order >= 0 && compare(version, raise(bound, Math.max(0, bound.length - 2))) < 0;
    case '^':
      return order >= 0 && compare(version, raise(bound, 0)) < 0;
    case '~':
      return order >= 0 && compare(version, raise(bound, Math.min(1, bound.length - 1))) < 0;
    default:
      return order === 0;
  }
}

/** The next version above all that agree with this one up to a place. */
function raise(bound: readonly number[], place: number): readonly number[] {
  return bound.slice(0, place + 1).map((number, at) => (at === place ? number + 1 : number));
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left, right] = [a[at] ?? 0, b[at] ?? 0];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
