import { component, Component } from '@asphalt/core';
import { SqlComponent } from '@asphalt/sql';
import { WebComponent } from '@asphalt/web';
import { NotesApi } from './notes-api.ts';
import { NotesComponent } from './notes.ts';

/** The root component. Declares the components of the application. */
@component({ components: { sql: SqlComponent, notes: NotesComponent, web: WebComponent, api: NotesApi } })
export class App extends Component {}
