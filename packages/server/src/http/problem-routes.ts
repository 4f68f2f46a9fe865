// GET /problems and /problems/CODE: what each `type` of a problem document means and what to do (RFC 9457 §3.1.1).
import type { FastifyPluginAsync } from "fastify";
import { refusals, ServiceError } from "../errors.ts";

export const problemRoutes: FastifyPluginAsync = async (app) => {
  app.get(
    "/problems",
    {
      config: {
        operation: {
          id: "listProblems",
          tag: "Pages",
          summary: "List the codes of problems",
          answers: { 200: { description: "The page", type: "text/html" } },
        },
      },
    },
    async (_request, reply) => {
      const items = Object.entries(refusals).map(
        ([code, { title }]) => `<li><a href="problems/${code}">${code}</a>: ${escape(title)}.</li>`,
      );
      return reply
        .type("text/html; charset=utf-8")
        .send(page("Problems of this server", `<ul>\n${items.join("\n")}\n</ul>`));
    },
  );

  app.get<{ Params: { code: string } }>(
    "/problems/:code",
    {
      config: {
        operation: {
          id: "explainProblem",
          tag: "Pages",
          summary: "Explain one code: what it means, and what to do",
          answers: { 200: { description: "The page", type: "text/html" } },
          refusals: ["not_found"],
        },
      },
    },
    async (request, reply) => {
      const { code } = request.params;
      const refusal = Object.entries(refusals).find(([known]) => known === code)?.[1];
      if (refusal === undefined) throw new ServiceError("not_found");
      const { status, title, advice } = refusal;
      const text = `<p>Code <code>${code}</code>, usually with status ${status}.</p>\n<p>${escape(advice)}</p>`;
      return reply.type("text/html; charset=utf-8").send(page(title, text));
    },
  );
};

function page(title: string, body: string): string {
  const head = `<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">`;
  return `<!doctype html>\n<html lang="en">\n${head}\n<title>${escape(title)}</title>\n<h1>${escape(title)}</h1>\n${body}\n</html>\n`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
