// How long a new password must be: the server writes its setting into the document.

const written = document.querySelector<HTMLMetaElement>('meta[name="password-min-length"]')?.content;

export const passwordMinLength: number = Number(written ?? "15");
