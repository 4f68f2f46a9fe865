// Who is logged in, with a form for whoever is not.
import { ApiError, type Client, type LoginRequest, NetworkError } from "@countersign/client";
import { useAccount } from "@countersign/client/react";
import { type SyntheticEvent, type JSX, useState } from "react";

export function Account({ client }: { readonly client: Client }): JSX.Element {
  const account = useAccount(client);
  switch (account.status) {
    case "loading":
      return <p>One moment …</p>;
    case "logged_out":
      return <LoginForm client={client} />;
    case "other_account":
      return (
        <p role="alert">Somebody else has logged in, in another tab. Reload the page to go on as them.</p>
      );
    case "failed":
      return (
        <p role="alert">
          {sentenceOf(account.error)} <button onClick={account.retry}>Try again</button>
        </p>
      );
    case "logged_in":
      return (
        <p>
          You are {account.user.email}. <button onClick={() => void client.logout()}>Log out</button>
        </p>
      );
  }
}

function LoginForm({ client }: { readonly client: Client }): JSX.Element {
  const [problem, setProblem] = useState("");

  async function submit(event: SyntheticEvent<HTMLFormElement, SubmitEvent>): Promise<void> {
    event.preventDefault();
    const request = Object.fromEntries(new FormData(event.currentTarget)) as unknown as LoginRequest;
    try {
      if (event.nativeEvent.submitter?.id === "signup") await client.signup(request);
      await client.login(request);
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button id="login">Log in</button> <button id="signup">Sign up</button>
      <p role="alert">{problem}</p>
    </form>
  );
}

function sentenceOf(error: unknown): string {
  return error instanceof ApiError || error instanceof NetworkError ? error.message : "Something went wrong.";
}
