/** The regular expression, for JavaScript and Python alike, of a glob over absolute paths. `*` is any run of characters but `/`, `**` any
 * run, `?` any one but `/`; a glob that does not begin with `/` matches at any depth. What is below a match is left out as well.
 * @throws Error where the glob is empty or has an empty part, `.` or `..`. */
export function globPattern(glob: string): string {
  const rooted = glob.startsWith('/');
  const parts = (rooted ? glob.slice(1) : glob).replace(/\/$/, '').split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    throw new Error('a path with *, ** and ? is needed, e.g. tests/** or /app/scripts; without empty parts, . and ..');
  const body = parts.map((part, at) => {
    if (part === '**') return at === parts.length - 1 ? '.+' : '(?:[^/]+/)*';
    const piece = part.replace(/\*+|\?|[^*?]+/g, (text) => {
      if (text === '?') return '[^/]';
      if (text.startsWith('*')) return '[^/]*';
      return text.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&');
    });
    return at === parts.length - 1 ? piece : `${piece}/`;
  });
  return `${rooted ? '/' : '/(?:[^/]+/)*'}${body.join('')}`;
}
