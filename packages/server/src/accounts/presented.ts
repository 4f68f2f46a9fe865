// What somebody shows of a mail, as a body says it.
import type { MailedSecret } from "@countersign/client";
import type { Presented } from "../one-time-codes/one-time-codes.ts";
import { parseEmailAddress } from "./email-address.ts";

/** An address that is none is looked up like any other, and not found. */
export function presentedOf(body: MailedSecret): Presented {
  return "token" in body
    ? { token: body.token }
    : { addressKey: parseEmailAddress(body.email)?.key, code: body.code };
}
