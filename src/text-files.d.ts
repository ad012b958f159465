/** Payloads that are not TypeScript stay files of their own kind; the bundler brings them in as text. */
declare module "*.sql" {
  const text: string;
  export default text;
}
declare module "*.cnf" {
  const text: string;
  export default text;
}
declare module "*.sh" {
  const text: string;
  export default text;
}
declare module "*.py" {
  const text: string;
  export default text;
}
declare module "*.tmpl" {
  const text: string;
  export default text;
}
declare module "*.css" {
  const text: string;
  export default text;
}
