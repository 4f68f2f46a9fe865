// GET, POST and DELETE /posts: for people who are logged in.
import { ServiceError } from "@countersign/server";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { openPosts, type Post } from "./posts-table.ts";

const defaultPageLimit = 20;
const strict = { additionalProperties: false } as const;

/** PostgreSQL keeps every character but one. */
const withoutNul = "^[^\\u0000]*$";

const newPost = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 200, pattern: withoutNul }),
    content: Type.String({ minLength: 1, maxLength: 10_000, pattern: withoutNul }),
  },
  strict,
);
const postId = Type.Object({ id: Type.String({ pattern: "^[1-9][0-9]{0,14}$" }) }, strict);
/** At most 100 posts a page. */
const pageQuery = Type.Object(
  {
    limit: Type.Optional(Type.String({ pattern: "^([1-9][0-9]?|100)$" })),
    before: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,14}$" })),
  },
  strict,
);

export async function postsRoutes(app: FastifyInstance): Promise<void> {
  const posts = await openPosts(app.auth.database);
  // A token, or the cookie of POST /session.
  const onRequest = app.auth.required({ cookies: true });

  app.get<{ Querystring: { limit?: string; before?: string } }>(
    "/posts",
    { onRequest, schema: { querystring: pageQuery } },
    async ({ query }) =>
      posts.page(
        query.limit === undefined ? defaultPageLimit : Number(query.limit),
        query.before === undefined ? undefined : Number(query.before),
      ),
  );

  app.post<{ Body: Pick<Post, "title" | "content"> }>(
    "/posts",
    { onRequest, schema: { body: newPost } },
    async (request, reply) => {
      const { title, content } = request.body;
      const post = await posts.add({ author_id: request.identity?.subject ?? "", title, content });
      return reply.code(201).header("location", `/posts/${post.id}`).send(post);
    },
  );

  app.get<{ Params: { id: string } }>(
    "/posts/:id",
    { onRequest, schema: { params: postId } },
    async ({ params }) => {
      const post = await posts.find(Number(params.id));
      if (post === undefined) throw new ServiceError("not_found");
      return post;
    },
  );

  app.delete<{ Params: { id: string } }>(
    "/posts/:id",
    { onRequest, schema: { params: postId } },
    async (request, reply) => {
      const id = Number(request.params.id);
      const { subject = "", roles = [] } = request.identity ?? {};
      if (await posts.remove(id, { id: subject, isAdmin: roles.includes("admin") }))
        return reply.code(204).send();
      const exists = (await posts.find(id)) !== undefined;
      throw new ServiceError(
        exists ? "forbidden" : "not_found",
        exists ? { detail: "Only its author or an admin may delete a post." } : {},
      );
    },
  );
}
