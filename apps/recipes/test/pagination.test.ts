import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, SqlComponent } from '@asphalt/sql';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { ArticlesComponent, type Article } from '../src/pagination.ts';
import { serve, type Served } from './serve.ts';

let migrations: string;

beforeAll(async () => {
  migrations = await mkdtemp(join(tmpdir(), 'migrations-'));
  const table =
    'create table article (id integer primary key, title text, published text); ' +
    'create index article_order on article (published, id);';
  await writeFile(join(migrations, '1_article.sql'), table);
});
afterAll(() => rm(migrations, { recursive: true }));

type Rows = Database<{ article: Article }>;

/** Starts the application with articles, three of each day. */
async function start(context: TestContext, count: number): Promise<Served & { db: Rows }> {
  const served = await serve(context, { sql: SqlComponent, articles: ArticlesComponent }, { sql: { migrations } });
  const db = served.app.context.getResourceSync(Database) as Rows;
  for (let id = 1; id <= count; id += 1) await db.insertInto('article').values(article(id)).execute();
  return { ...served, db };
}

function article(id: number): Article {
  return { id, title: `Article ${id}`, published: `2026-01-${10 + Math.ceil(id / 3)}` };
}

function nextOf(response: Response): string | undefined {
  return /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
}

const idsOf = async (response: Response): Promise<number[]> =>
  ((await response.json()) as Article[]).map(({ id }) => id);

test.for([1, 2, 3, 4, 5, 7, 8])('pages of %i articles together contain each article once', async (limit, context) => {
  const { send } = await start(context, 7);
  const ids: number[] = [];
  let pages = 0;
  for (let path: string | undefined = `/articles?limit=${limit}`; path !== undefined; pages += 1) {
    const response = await send(path);
    ids.push(...(await idsOf(response)));
    path = nextOf(response);
  }
  expect(ids).toEqual([7, 6, 5, 4, 3, 2, 1]);
  expect(pages).toBe(Math.ceil(7 / limit));
});

test('articles that are added or deleted between two pages move no other article', async (context) => {
  const { db, send } = await start(context, 7);
  const first = await send('/articles?limit=3');
  expect(await idsOf(first)).toEqual([7, 6, 5]);
  await db.insertInto('article').values([8, 9].map(article)).execute();
  await db.deleteFrom('article').where('id', '=', 5).execute();
  expect(await idsOf(await send(nextOf(first)!))).toEqual([4, 3, 2]);
});

test.for(['limit=0', 'limit=101', 'limit=many', 'after=invented', 'after=WzEsMl0', 'after='])(
  'the query %s is refused',
  async (query, context) => {
    const { send } = await start(context, 0);
    expect((await send(`/articles?${query}`)).status).toBe(400);
  },
);

test('an empty list is an empty page', async (context) => {
  const { send } = await start(context, 0);
  const response = await send('/articles');
  expect([await response.json(), nextOf(response)]).toEqual([[], undefined]);
});

test('the first page of five articles has the header that the documentation shows', async (context) => {
  const page = readFileSync(new URL('../../../docs/recipes/pagination.md', import.meta.url), 'utf8');
  const [, path, link] = /\$ curl -i localhost:8000(\S+)\nlink: (.*)\n/.exec(page)!;
  const { send } = await start(context, 5);
  expect((await send(path!)).headers.get('link')).toBe(link);
});
