/** Measures the first report about the health of an application whose components have no checks. */
import { median } from 'simple-statistics';
import { implementationOf, type Effort, type Implementations, type Workload } from '../harness/workload.ts';

const components = 1000;

/** The number of applications whose reports warm up the code. */
const warmUps = 20;

type Report = () => Promise<{ readonly status: string }>;

/** Starts applications. @returns for each one a function that reports its health for the first time */
type Start = (applications: number) => Promise<Report[]>;

const implementations: Implementations<Start> = {
  async asphalt(applications) {
    const { Application, Component, component } = await import('@asphalt/core');
    const { planApplication } = await import('@asphalt/core/inspect');

    @component()
    class Service extends Component {}

    const names = Array.from({ length: components }, (_, index) => `service/s${index}`);

    @component({ components: Object.fromEntries(names.map((name) => [name, Service])) })
    class App extends Component {}

    const plan = await planApplication(App);
    const reports: Report[] = [];
    for (let index = 0; index < applications; index++) {
      const application = new Application(plan);
      await application.start();
      reports.push(() => application.health());
    }
    return reports;
  },

  async loop(applications) {
    return Array.from({ length: applications }, () => {
      const services = Array.from({ length: components }, (_, index) => ({ name: `s${index}`, state: 'ready' }));
      return async () => {
        const checks = services.filter(({ state }) => state !== 'ready');
        return { status: checks.length === 0 ? 'up' : 'down', checks };
      };
    });
  },
};

async function timesOf(subject: string, effort: Effort): Promise<number[]> {
  const start = implementationOf(implementations, subject);
  const times: number[] = [];
  for (const report of await start(effort === 'smoke' ? warmUps + 1 : warmUps + 60)) {
    const before = performance.now();
    const { status } = await report();
    times.push(performance.now() - before);
    if (status !== 'up') throw new Error(`The application is ${status}`);
  }
  return times.slice(warmUps);
}

export const health: Workload = {
  name: `health-${components}`,
  measures: `The health of an application with ${components.toLocaleString('en')} components without checks is reported for the first time.`,
  unit: 'µs',
  yardstick: 'loop',
  target: 'asphalt ≤ 3 × loop',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: 'a report for which no earlier one is valid' },
    { name: 'loop', note: 'over a list of states' },
  ],
  async sample(subject, effort) {
    return { value: median(await timesOf(subject, effort)) * 1000 };
  },
};
