// /api/profile, as Next.js finds it: the folder is the path, the exports are the methods.
import { createGuard } from "@countersign/verifier/fetch";
import { verifier } from "../../../verifier.ts";

const guard = createGuard(verifier);
const authenticate = guard.required();
const authenticateAdmin = guard.required({ roles: ["admin"] });

export async function GET(request: Request): Promise<Response> {
  const identity = await authenticate(request);
  if (identity instanceof Response) return identity;
  return Response.json({ subject: identity.subject });
}

export async function DELETE(request: Request): Promise<Response> {
  const identity = await authenticateAdmin(request);
  if (identity instanceof Response) return identity;
  return new Response(null, { status: 204 });
}
