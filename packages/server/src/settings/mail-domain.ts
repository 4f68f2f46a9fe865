// The domain of an address, in the one spelling that is compared.
const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const form = new RegExp(`^(?=.{1,253}$)(?:${label}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$`);

export function isMailDomain(text: string): boolean {
  return form.test(text);
}
