/** Pages of a list. Each page continues after the last row of the page before it, however many rows were added since. */
import { component, Component, inject, provides } from '@asphalt/core';
import { ReadTransaction } from '@asphalt/sql';
import { needs, WebApp } from '@asphalt/web';
import { validated } from '@asphalt/web/validation';
import { z } from 'zod';

export interface Article {
  readonly id: number;
  readonly title: string;
  readonly published: string;
}

interface Schema {
  article: Article;
}

const cursorSchema = z.tuple([z.string(), z.number()]);
/** The place after a row, in the order of the list. */
type Cursor = z.infer<typeof cursorSchema>;

export class Articles {
  readonly #tx: ReadTransaction<Schema>;

  constructor(tx: ReadTransaction<Schema>) {
    this.#tx = tx;
  }

  /** Returns the newest articles after a place. The id orders articles of the same time. */
  async page(limit: number, after?: Cursor): Promise<{ articles: Article[]; next: Cursor | undefined }> {
    let query = this.#tx.selectFrom('article').selectAll().orderBy('published', 'desc').orderBy('id', 'desc');
    if (after) {
      query = query.where((eb) => eb(eb.refTuple('published', 'id'), '<', eb.tuple(...after)));
    }
    // The additional row shows whether a next page exists.
    const rows = await query.limit(limit + 1).execute();
    const articles = rows.slice(0, limit);
    const last = rows.length > limit ? articles.at(-1) : undefined;
    return { articles, next: last && [last.published, last.id] };
  }
}

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z
    .string()
    .transform((text, c) => parseCursor(text) ?? (c.addIssue('no cursor of this list'), z.NEVER))
    .optional(),
});

const withArticles = needs({ articles: Articles });

@component({ lookups: [withArticles], description: 'Lists articles page by page' })
export class ArticlesComponent extends Component {
  @provides(Articles, { scope: 'context' })
  articles(@inject(ReadTransaction) tx: ReadTransaction<Schema>): Articles {
    return new Articles(tx);
  }

  override start(@inject(WebApp) web: WebApp): void {
    web.get('/articles', validated('query', querySchema), withArticles, async (c) => {
      const { limit, after } = c.req.valid('query');
      const { articles, next } = await c.var.articles.page(limit, after);
      if (next) {
        const search = new URLSearchParams({ limit: `${limit}`, after: formatCursor(next) });
        c.header('link', `</articles?${search.toString()}>; rel="next"`);
      }
      return c.json(articles);
    });
  }
}

function formatCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function parseCursor(text: string): Cursor | undefined {
  try {
    return cursorSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
