// The five commands that a newcomer pastes.

/** Shell commands against the API at `origin`; they need curl and node, and share the variable TOKEN. */
export function walkthrough(origin: string): readonly { readonly title: string; readonly command: string }[] {
  const json = "-H 'content-type: application/json'";
  const account = `{"email":"ada@example.com","password":"correct horse battery"}`;
  const becomeAdmin =
    `const [h,p,s]=process.argv[1].split(".");` +
    `const c=JSON.parse(Buffer.from(p,"base64url"));c.roles=["admin"];` +
    `console.log([h,Buffer.from(JSON.stringify(c)).toString("base64url"),s].join("."))`;
  return [
    { title: "Sign up", command: `curl -siw "\\n" ${origin}/signup ${json} -d '${account}'` },
    {
      title: "Log in, and keep the token",
      command:
        `TOKEN=$(curl -s ${origin}/login ${json} -d '${account}' | ` +
        `node -p 'JSON.parse(require("fs").readFileSync(0)).access_token'); echo "$TOKEN"`,
    },
    {
      title: "Write a post with it",
      command:
        `curl -siw "\\n" ${origin}/posts -H "authorization: Bearer $TOKEN" ${json} ` +
        `-d '{"title":"Hello","content":"My first post"}'`,
    },
    {
      title: "Read the posts",
      command: `curl -siw "\\n" ${origin}/posts -H "authorization: Bearer $TOKEN"`,
    },
    {
      title: "The same, after rewriting the token's role to admin",
      command: `curl -siw "\\n" ${origin}/posts -H "authorization: Bearer $(node -e '${becomeAdmin}' "$TOKEN")"`,
    },
  ];
}
