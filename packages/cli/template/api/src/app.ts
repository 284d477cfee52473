import { component, Component } from '@asphalt/core';
import { WebComponent } from '@asphalt/web';
import { NotesApi } from './notes-api.ts';
import { NotesComponent } from './notes.ts';

/** The root component. Declares the components of the application. */
@component({ components: { notes: NotesComponent, web: WebComponent, api: NotesApi } })
export class App extends Component {}
