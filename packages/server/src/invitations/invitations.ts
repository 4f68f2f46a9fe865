// What somebody who was invited shows: the link of the mail, and the address that it came to.
import { ServiceError } from "../errors.ts";
import type { OneTimeCodes } from "../one-time-codes/one-time-codes.ts";
import type { FoundCode } from "../one-time-codes/store.ts";

export interface Invitations {
  /**
   * Consumes nothing.
   *
   * @throws ServiceError `code_invalid`, the same for another address and a wrong, used or dead link
   */
  find(token: string, addressKey: string): Promise<FoundCode>;
}

export function createInvitations(codes: Pick<OneTimeCodes, "findInvitation" | "isFor">): Invitations {
  return {
    async find(token, addressKey) {
      const found = await codes.findInvitation(token);
      if (!codes.isFor(found, addressKey)) throw new ServiceError("code_invalid");
      return found;
    },
  };
}
