import { ActionError } from '../../errors.ts';
import type { BytecodePlan, BytecodeReport, PlatformBytecode } from '../../model/bytecode.ts';
import { aboutPlatform } from '../../model/platform.ts';
import { printable } from '../../model/printable.ts';

const most = 10;

/** What is to be said of a compile step's report.
 * @throws ActionError `bytecode-failed` with `require`, where code of the user's own does not compile, or Python would not look at what
 * was compiled. */
export function judgeReport(mode: BytecodePlan['mode'], report: PlatformBytecode): readonly string[] {
  const about = aboutPlatform(report.platform);
  const own = report.failed.filter((one) => one.own);
  const others = report.failed.filter((one) => !one.own);
  const grave = [
    ...report.useless.map((reason) => `${about}bytecode is of no use: ${reason}`),
    ...(own.length === 0 ? [] : [`${about}${own.length} of your own do not compile: ${listFailed(own)}`]),
  ];
  if (mode === 'require' && grave.length > 0)
    throw new ActionError('bytecode-failed', grave.join('\n'), {
      hint: 'correct them, leave them out with `bytecode-exclude`, or say `bytecode: on`',
    });
  const third = `${about}${others.length} of others’ modules do not compile and were left out: ${listFailed(others)}`;
  return [...grave, ...(others.length === 0 ? [] : [third])];
}

function listFailed(failed: BytecodeReport['failed']): string {
  const shown = failed
    .slice(0, most)
    .map(({ path, line, message }) => `${showPath(path)}${line === 0 ? '' : `:${line}`}: ${printable(message)}`);
  return [...shown, ...(failed.length > most ? [`and ${failed.length - most} more`] : [])].join('; ');
}

/** A path of an image for people: bytes that are not UTF-8 as `\xff`, control characters as their escapes. */
export function showPath(path: string): string {
  return path.replace(/[\u0000-\u001f\u007f\udc80-\udcff]/g, (one) => {
    const code = one.charCodeAt(0);
    return `\\x${(code & 0xff).toString(16).padStart(2, '0')}`;
  });
}
