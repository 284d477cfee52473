import { component, Component, inject } from '@asphalt/core';
import { WebApp } from '@asphalt/web';
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
      return note ? c.json(note) : c.json({ title: 'No such note' }, 404);
    });

    this.web.post('/notes', async (c) => {
      const body = newNote.safeParse(await c.req.json());
      if (!body.success) return c.json({ title: 'Not a note', issues: body.error.issues }, 400);
      const note = this.notes.add(body.data);
      return note ? c.json(note, 201, { location: `/notes/${note.id}` }) : c.json({ title: 'Too many notes' }, 507);
    });

    this.web.delete('/notes/:id', (c) =>
      this.notes.delete(c.req.param('id')) ? c.body(null, 204) : c.json({ title: 'No such note' }, 404),
    );
  }
}
