/** What gives a credential away. Nothing here ever tells its value, or a part of it. */

/** Whether a variable of that name is there to hold a secret: its last word says so. */
export function isSecretName(name: string): boolean {
  if (/(?:^|_)(?:public|pub|gpg|cache|primary|foreign|sort|partition|version)(?:_|$)/i.test(name)) return false;
  return /(?:^|_)(?:password|passwd|passphrase|pword|secret|token|api_?key|(?:secret|private|access|auth|signing|encryption|account|master|deploy|license)_key|secret_key_base|credentials?)$/i.test(
    name,
  );
}

/** Whether a value holds nothing back: empty, a reference to something else, a switch, a path, or a word that says it is no secret. */
export function isPlaceholder(value: string): boolean {
  const plain = value.trim().replace(/^(['"])(.*)\1$/s, '$2');
  if (plain === '' || /^(?:true|false|yes|no|on|off|none|null|0|1)$/i.test(plain)) return true;
  if (
    /^\$\{?\w+\}?$|^\$\(|^<.*>$|^\{\{.*\}\}$|^%\w+%$|^\*+$|^\.\.\.$/.test(plain) ||
    /^(?:\/|\.\/|file:)\S*$/.test(plain)
  )
    return true;
  return /(?:^|[-_ .])(?:dummy|unused|placeholder|not[-_ ]?(?:set|used|needed|a[-_ ]secret)|build[-_ ]?(?:time|only)|collectstatic|example|changeit[-_]at[-_]runtime|x{3,})(?:[-_ .]|$)/i.test(
    plain,
  );
}

/** Names of what text holds in the shape of a known kind of token. */
export function findTokens(text: string): readonly string[] {
  return shapes.flatMap(([name, shape]) => (shape.test(text) && !isExample(text, shape) ? [name] : []));
}

const shapes: readonly (readonly [string, RegExp])[] = [
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})/],
  ['a GitLab token', /\bglpat-[\w-]{20,}/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a PyPI token', /\bpypi-AgE[\w-]{50,}/],
  ['a Slack token', /\bxox[abprs]-[\w-]{20,}/],
  ['a Stripe key', /\b[rs]k_live_[0-9A-Za-z]{20,}/],
  ['a Google API key', /\bAIza[\w-]{35}/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
];

function isExample(text: string, shape: RegExp): boolean {
  return (shape.exec(text)?.[0] ?? '').includes('EXAMPLE');
}

/** Hosts of the URLs in a text that have a password in them, which is no reference to something else. */
export function hostsWithPassword(text: string): readonly string[] {
  const found = [...text.matchAll(/\bhttps?:\/\/([^\s/:@'"]*):([^\s/@'"]+)@([^\s/:'"?#]+)/g)];
  return found.flatMap(([, user = '', password = '', host = '']) =>
    isReference(password) ||
    isPlaceholder(password) ||
    (user.toLowerCase() === 'user' && /^pass(?:word)?$/i.test(password))
      ? []
      : [host],
  );
}

function isReference(text: string): boolean {
  return /\$|^\{|^<|^%\(|^\*+$/.test(text);
}

/** Names of the variables that a text of `NAME=value` lines gives a secret. */
export function secretsInEnvFile(text: string): readonly string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name = '', value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? [];
    return isSecretName(name) && !isPlaceholder(value.replace(/\s+#.*$/, '')) ? [name] : [];
  });
}

/** A text that may hold an address, without the name and password of one. */
export function withoutLogin(text: string): string {
  return text.replace(/[^\s/@,"']*@/g, '');
}
