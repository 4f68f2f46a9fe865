// The table of the commands: help, completion and the reference page come from it.
import { audit } from "./audit.ts";
import { backup } from "./backup.ts";
import type { Command } from "./command.ts";
import { completionFor } from "./completion.ts";
import { doctor } from "./doctor.ts";
import { followers } from "./followers.ts";
import { keys } from "./keys.ts";
import { mail } from "./mail.ts";
import { restore } from "./restore.ts";
import { restored } from "./restored.ts";
import { revokeEverything } from "./revoke-everything.ts";
import { serve } from "./serve.ts";
import { sessions } from "./sessions.ts";
import { token } from "./token.ts";
import { users } from "./users.ts";

export const commands: Readonly<Record<string, Command>> = {
  serve,
  users,
  sessions,
  keys,
  audit,
  mail,
  "revoke-everything": revokeEverything,
  followers,
  backup,
  restore,
  restored,
  doctor,
  token,
  completion: completionFor(() => commands),
};
