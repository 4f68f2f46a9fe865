// First step, one line: the same functions from another package, which reads tokens strictly. Old tokens stay good.
import jwt from "@countersign/token/jsonwebtoken";
import express, { type Express } from "express";

export function createApp(secret: string): Express {
  const app = express();
  app.get("/orders", (request, response) => {
    try {
      const [, token = ""] = (request.headers.authorization ?? "").split(" ");
      const payload = jwt.verify(token, secret, { algorithms: ["HS256"] }) as { sub: string };
      response.json({ customer: payload.sub });
    } catch {
      response.status(401).json({ error: "unauthorized" });
    }
  });
  return app;
}
