// useAccount: who is logged in, as a React component sees it.
import { useEffect, useState } from "react";
import type { Client } from "./client.ts";
import { AccountChangedError } from "./errors.ts";
import type { UserResponse } from "./wire.ts";

export type AccountState =
  | { readonly status: "loading" }
  | { readonly status: "logged_in"; readonly user: UserResponse }
  | { readonly status: "logged_out" }
  /** Another account has logged in in another tab: offer to reload the page. */
  | { readonly status: "other_account" }
  /** It could not be found out, for example offline; `retry` asks again. */
  | { readonly status: "failed"; readonly error: unknown; readonly retry: () => void };

/**
 * Renders again with each login and log-out, whichever tab it happens in. `client` is made once,
 * outside of components.
 */
export function useAccount(client: Pick<Client, "getUser" | "onChange">): AccountState {
  const [state, setState] = useState<AccountState>({ status: "loading" });

  useEffect(() => {
    // Answers may overtake each other; only the last question counts.
    let question = 0;
    async function ask(): Promise<void> {
      question += 1;
      const mine = question;
      const next = await find(client, () => void ask());
      if (mine === question) setState(next);
    }
    const stop = client.onChange(() => void ask());
    void ask();
    return () => {
      question = Number.NaN;
      stop();
    };
  }, [client]);

  return state;
}

async function find(client: Pick<Client, "getUser">, retry: () => void): Promise<AccountState> {
  try {
    const user = await client.getUser();
    return user === undefined ? { status: "logged_out" } : { status: "logged_in", user };
  } catch (error) {
    if (error instanceof AccountChangedError) return { status: "other_account" };
    return { status: "failed", error, retry };
  }
}
