import { plain, time, type Deployed } from './deployed-kinds.ts';
import { secondsOf } from './spoken.ts';

/** The kinds of values that Grafana and its dashboards have. */
export const ofBoards: readonly Deployed[] = [
  {
    what: 'refresh of a dashboard',
    said: [
      new RegExp(
        String.raw`\bdashboards?\b[^.;|]{0,30}?\b(?:auto-?)?refresh(?:es|ed)?\b[^.;|]{0,12}?\bevery ${time}`,
        'i',
      ),
    ],
    files: /\.json$/,
    holds: /"schemaVersion"|"panels"/,
    written: /"refresh"\s*:\s*"(\d+\w+)"/g,
    value: secondsOf,
  },
  {
    what: 'refresh of the dashboards',
    about: /dashboard|grafana/i,
    said: [
      new RegExp(
        String.raw`^\W*(?:[\w-]+ )?(?:auto-?)?refresh(?: rate| interval)?\b\W{1,4}(?:is |every )?${time}`,
        'i',
      ),
    ],
    files: /\.json$/,
    holds: /"schemaVersion"|"panels"/,
    written: /"refresh"\s*:\s*"(\d+\w+)"/g,
    value: secondsOf,
  },
  {
    what: 'time range of the dashboards',
    about: /dashboard|grafana/i,
    said: [
      new RegExp(String.raw`\b(?:default|time)(?: time)? range\b\W{0,4}(?:is |of )?(?:the )?(?:last )?${time}`, 'i'),
    ],
    files: /\.json$/,
    holds: /"schemaVersion"/,
    written: /"from"\s*:\s*"now-(\w+)"/g,
    value: secondsOf,
  },
  {
    what: 'password of Grafana’s admin',
    secret: true,
    about: /grafana/i,
    said: [
      /\bgrafana\b[^.;|]{0,60}?[\s(`"]admin`?\s?\/\s?`?([\w!@#-]{3,30})/i,
      /\bgrafana\b.{0,80}?\b(?:user(?:name)?|login)\b\W{1,4}admin\b.{0,20}?\bpassword\b\W{1,4}(?:is )?([\w!@#-]{3,30})/i,
    ],
    files: /\.(?:ya?ml|env|ini)$|(?:^|\/)\.env[\w.-]*$/,
    written:
      /\b(?:GF_SECURITY_ADMIN_PASSWORD|adminPassword)["']?\s*[:=]\s*["']?((?:\$\{\w+:?-)?[^\s"'${}]+\}?)(?=["'\s]|$)/gm,
    value: (text) => plain(text).replace(/^\$\{\w+:?-([^}]*)\}$/, '$1'),
  },
];
