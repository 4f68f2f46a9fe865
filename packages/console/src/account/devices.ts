// What a client called itself at its login, as people know it.
import { parse } from "bowser";
import { t } from "../texts/language.ts";

export interface DeviceName {
  readonly name: string;
  readonly kind: "desktop" | "phone" | "terminal";
}

export function nameDevice(userAgent: string | null): DeviceName {
  if (userAgent === null || userAgent === "") return { name: t.sessions.unknownDevice, kind: "terminal" };
  const { browser, os, platform } = parse(userAgent);
  const kind = platform.type === "mobile" || platform.type === "tablet" ? "phone" : "desktop";
  if (browser.name === undefined || os.name === undefined)
    return { name: firstProduct(userAgent), kind: "terminal" };
  const device = platform.vendor === "Apple" && platform.model !== undefined ? platform.model : os.name;
  return { name: t.sessions.on(browser.name, device), kind };
}

/** `curl/8.14.1` as "curl 8.14" (RFC 9110 §10.1.5: the most significant product comes first). */
function firstProduct(userAgent: string): string {
  const [product = userAgent] = userAgent.split(" ");
  const [name = product, version] = product.split("/");
  const short = version?.split(".").slice(0, 2).join(".");
  return short === undefined ? name : `${name} ${short}`;
}
