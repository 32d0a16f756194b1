/** Is it a name that stands for the reader's own: `example-name`, `your-service`, `foo`? */
export const isPlaceholder = (name: string): boolean =>
  /^(?:<.*>|\[.*\]|(?:your|my|some)[-_].*|(?:[a-z]+[-_])*names?|(?:example|service|the|that|this)[-_]?(?:service|container)s?|(?:service|container)s?|foo|bar|baz|example)$/i.test(
    name,
  );
