// The page's script: one client for the whole page, made outside of the components.
import { createClient, webStorage } from "@countersign/client";
import { createRoot } from "react-dom/client";
import { Account } from "./account.tsx";

const root = document.querySelector<HTMLElement>("#root");
if (root !== null) {
  const client = createClient({ baseUrl: root.dataset["api"] ?? "", storage: webStorage(localStorage) });
  createRoot(root).render(<Account client={client} />);
}
