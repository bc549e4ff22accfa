/** Python that runs inside an image: the bundler takes it as text. */
declare module '*.py' {
  const text: string;
  export default text;
}
