// The README of a new project: how to start it, and how to hold a token.
import type { Choices } from "./choices.ts";

/** In Markdown. */
export function createReadme(name: string, { database, shape }: Choices): string {
  const authUrl = shape === "auth-server" ? "http://127.0.0.1:3001" : "http://127.0.0.1:3000";
  const start =
    shape === "auth-server"
      ? "npm run auth        # accounts and login, on port 3001\nnpm start           # the API, on port 3000, in a second terminal"
      : "npm start           # accounts, login and the API, on port 3000";
  const databaseNote =
    database === "postgres" ? "\nBefore that, put the URL of your PostgreSQL database into `.env`.\n" : "";
  return `# ${name}

\`\`\`sh
npm install
${start}
\`\`\`
${databaseNote}
Then, in another terminal:

\`\`\`sh
person='{"email":"ada@example.com","password":"tangerine violin ledger"}'
curl -s ${authUrl}/signup -H 'content-type: application/json' -d "$person"
token=$(curl -s ${authUrl}/login -H 'content-type: application/json' -d "$person" | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

curl -s http://127.0.0.1:3000/notes                                    # 401: who are you?
curl -s http://127.0.0.1:3000/notes -H "authorization: Bearer $token" -H 'content-type: application/json' -d '{"text":"buy strings"}'
curl -s http://127.0.0.1:3000/notes -H "authorization: Bearer $token"  # your own notes
\`\`\`

\`npm test\` tries all of this, and that a log-out is heard; \`npm run check\` checks the types.

| | |
|---|---|
| \`src/api.ts\` | the routes, and who may use them |
| \`src/notes.ts\` | the notes, in memory |
| \`.env\` | the database and the ports |
| \`data/\` | \`master.key\`, which everything is sealed with: keep a copy of it${database === "sqlite" ? "; and the accounts" : ""} |
`;
}
