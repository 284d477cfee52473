import { component, Component, inject } from '@asphalt/core';
import { needs, problem, WebApp } from '@asphalt/web';
import { openApi } from '@asphalt/web/openapi';
import { validated } from '@asphalt/web/validation';
import { z } from 'zod';
import { Notes } from './notes.ts';

const newNote = z.object({ title: z.string().min(1).max(200), text: z.string().max(10_000) });
const withNotes = needs({ notes: Notes });

/** The routes. The transaction of a request commits before its response is sent. */
@component({ lookups: [withNotes], description: 'Routes of the notes' })
export class NotesApi extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override start(): void {
    this.web.get('/notes', withNotes, async (c) => c.json(await c.var.notes.newest(50)));

    this.web.get('/notes/:id', withNotes, async (c) => {
      const note = await c.var.notes.find(c.req.param('id'));
      return note ? c.json(note) : problem(c, { status: 404, detail: 'No such note' });
    });

    this.web.post('/notes', validated('json', newNote), withNotes, async (c) => {
      const note = await c.var.notes.add(c.req.valid('json'));
      return c.json(note, 201, { location: `/notes/${note.id}` });
    });

    this.web.delete('/notes/:id', withNotes, async (c) => {
      const existed = await c.var.notes.delete(c.req.param('id'));
      return existed ? c.body(null, 204) : problem(c, { status: 404, detail: 'No such note' });
    });

    this.web.get('/openapi.json', openApi(this.web, { info: { title: 'Notes', version: '1.0.0' } }));
  }
}
