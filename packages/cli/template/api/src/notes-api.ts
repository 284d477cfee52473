import { component, Component, inject } from '@asphalt/core';
import { problem, WebApp } from '@asphalt/web';
import { openApi } from '@asphalt/web/openapi';
import { validated } from '@asphalt/web/validation';
import { z } from 'zod';
import { Notes } from './notes.ts';

const newNote = z.object({ title: z.string().min(1).max(200), text: z.string().max(10_000) });

@component({ description: 'Routes of the notes' })
export class NotesApi extends Component {
  @inject(WebApp) readonly web!: WebApp;
  @inject(Notes) readonly notes!: Notes;

  override start(): void {
    this.web.get('/notes', (c) => c.json(this.notes.all()));

    this.web.get('/notes/:id', (c) => {
      const note = this.notes.find(c.req.param('id'));
      return note ? c.json(note) : problem(c, { status: 404, detail: 'No such note' });
    });

    this.web.post('/notes', validated('json', newNote), (c) => {
      const note = this.notes.add(c.req.valid('json'));
      if (!note) return problem(c, { status: 507, detail: 'There are too many notes' });
      return c.json(note, 201, { location: `/notes/${note.id}` });
    });

    this.web.delete('/notes/:id', (c) =>
      this.notes.delete(c.req.param('id')) ? c.body(null, 204) : problem(c, { status: 404, detail: 'No such note' }),
    );

    this.web.get('/openapi.json', openApi(this.web, { info: { title: 'Notes', version: '1.0.0' } }));
  }
}
