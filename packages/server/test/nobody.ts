/** As whom root runs the programs that refuse to run as root; undefined for everybody else, who may. */
export const nobody: { readonly uid: number; readonly gid: number } | undefined =
  process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
