// Where many begin: one secret, one middleware, and tokens that nobody can take back.
import express, { type Express } from "express";
import jwt from "jsonwebtoken";

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
