/** Files that the sources import as text, as the bundler takes them. */
export default {
  /** @param {string} text */
  process: (text) => ({ code: `export default ${JSON.stringify(text)};` }),
};
