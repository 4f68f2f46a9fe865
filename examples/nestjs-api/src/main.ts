// Starts the API.
import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { createAppModule } from "./app-module.ts";

const { ISSUER = "http://127.0.0.1:3001", AUDIENCE = "nestjs-api", PORT = "3000" } = process.env;

const app = await NestFactory.create(createAppModule({ issuer: ISSUER, audience: AUDIENCE }));
await app.listen(Number(PORT), "127.0.0.1");
