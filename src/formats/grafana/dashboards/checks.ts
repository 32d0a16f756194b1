import { readFaults } from '../../prometheus/metric-reads.ts';
import { nameToday } from '../../prometheus/well-known-metrics.ts';
import { parsePromQl } from '../../promql/parse.ts';
import { promqlTree } from '../../promql/read.ts';
import { otherLanguage, queryFault } from './query-fault.ts';
import { showsData } from '../panel-kinds.ts';
import { lintExpression } from '../../prometheus/rule-lints/expression.ts';
import { shortIntervals } from './intervals.ts';
import { neededBy, writtenValues, type SourceRef, type Variable } from '../board-model.ts';
import { patternOf } from '../panel-fields.ts';
import { askedSource } from '../find-source.ts';
import { levelOf, type JudgedBoard, type JudgedPanel, type JudgedQuery } from './judged.ts';
import { boardFaults } from './board-faults.ts';
import { BoardFindings, type Around, type SeenBoard } from './board-findings.ts';
import type { BoardJudge } from './problems.ts';
import { isStranger, promql, resolveSource, type ProvisionedSource } from './sources.ts';
import { shownBy, shownFaults, unshown, type Shown, readLevel } from './shown-faults.ts';
import { variableForms, variableQuery } from './variable-query.ts';
import { standIn } from '../../promql/tree.ts';
import { logQlError } from './logql.ts';
import { builtIn, misspeltBuiltIn, readings, replaceVariables, variablesIn, type Replaced } from '../variable-uses.ts';

/** The checks of one dashboard. Each finding bears the file, the line and the panel's title. */
export class BoardChecks {
  readonly #board: JudgedBoard;
  readonly #around: Around;
  readonly #found: BoardFindings;
  readonly #find: BoardFindings['find'];
  queries = 0;

  constructor(j: BoardJudge, seen: SeenBoard, around: Around) {
    this.#board = seen.board;
    this.#around = around;
    this.#found = new BoardFindings(j, seen, around);
    this.#find = this.#found.find;
  }

  all(): void {
    if (this.#board.panels.length === 0)
      this.#find('panel-empty', '', this.#board.titleLine, `${this.#board.title} has no panel`, {
        level: this.#around.isTemplate
          ? 'note'
          : this.#around.loads === 'yes' && this.#around.provided
            ? undefined
            : 'warning',
      });
    for (const panel of this.#board.panels) this.#panel(panel);
    for (const { name, query } of this.#board.annotations) this.#query(query, undefined, `annotation ${name}`);
    this.#variableQueries();
    this.#found.sayUnparsed();
    this.#variables();
    for (const { code, line, message, level } of boardFaults(this.#board, this.#around.links, this.#around.known))
      this.#find(code, '', line, message, { level });
  }

  #panel(panel: JudgedPanel): void {
    const { title, line, queries } = panel;
    if (panel.library !== undefined) {
      if (this.#around.loads === 'yes' && this.#around.provided)
        this.#find(
          'library-missing',
          title,
          line,
          `its content is the library panel ${panel.library || 'without a uid'}`,
          {
            cause: 'library',
          },
        );
      return;
    }
    for (const { code, message, ...fault } of panel.faults ?? [])
      this.#find(code, title, line, message, { level: levelOf(fault) });
    const asks = queries.some((query) => query.filled);
    if (!asks && showsData.has(panel.type)) {
      const bare = queries.length === 0;
      // One without any query is mostly there to be filled in.
      this.#find('panel-empty', title, line, bare ? 'it has no query' : 'its queries are empty', {
        level: bare ? 'note' : undefined,
      });
      return;
    }
    if (asks && queries.every((query) => query.hidden || !query.filled))
      this.#find('panel-hidden', title, line, 'all of its queries are hidden');
    if (queries.length === 0 && panel.source) this.#source(panel.source, panel.source.line, title);
    for (const query of queries) if (query.filled) this.#query(query, panel, title);
  }

  /** The plugin that answers a query; empty where it cannot be told. */
  #source(ref: SourceRef | undefined, line: number, title: string, loaded?: 'warning'): string {
    const { sources } = this.#around;
    const resolved = resolveSource(ref, this.#board, sources);
    const where = ref?.line ?? line;
    // What no provider loads is for the import dialogue, or for another installation, with data sources of its own.
    const level = this.#around.loads === 'yes' ? loaded : ('note' as const);
    if (resolved.state === 'missing')
      this.#find('datasource-unresolved', title, where, resolved.why, {
        level,
        cause: resolved.why,
      });
    else if (resolved.state === 'no-default')
      this.#find('datasource-default', title, where, resolved.why, {
        level,
        cause: 'default',
        shared: true,
      });
    else if (resolved.state === 'undeclared') {
      if (this.#board.inputs.includes(resolved.variable))
        this.#found.unfilled(
          resolved.variable,
          where,
          `its data source is \${${resolved.variable}}, for which only the import dialogue asks`,
        );
      else
        this.#found.missing(
          resolved.variable,
          title,
          where,
          `its data source is $${resolved.variable}, which is not declared`,
          'query',
        );
    }
    return resolved.type;
  }

  #query(query: JudgedQuery, panel: JudgedPanel | undefined, title: string): void {
    this.queries++;
    const ref = askedSource(panel, query);
    if (ref !== query.source && query.source && ref?.uid !== query.source.uid)
      this.#overridden(query.source, query.line, title);
    const resolved = this.#source(ref, query.line, title);
    if (panel && ref && isStranger(ref, resolved))
      this.#find(
        'panel-format',
        title,
        ref.line || query.line,
        `it calls its data source ${ref.uid} a ${ref.type}, and it is a ${resolved}`,
        {
          level: 'error',
        },
      );
    // What was made for another plugin and names no data source was written when that one was the default.
    const plugin = ref === undefined && query.madeFor !== '' ? query.madeFor : resolved || query.madeFor;
    if (query.expr !== undefined && plugin === 'loki') this.#logQl(query.expr, query.line, title);
    if (query.expr !== undefined && (plugin === '' || promql.has(plugin)))
      this.#expression(query.expr, query.line, title, plugin !== '', shownBy(this.#board, panel, query, title));
    const source = this.#sourceOf(ref);
    if (panel && source && promql.has(source.type))
      for (const message of shortIntervals(query, panel, this.#board, source.timeInterval, this.#around.known))
        this.#find('range-short', title, query.line, message, { detail: query.expr });
  }

  #logQl(text: string, line: number, title: string): void {
    for (const { text: one, undecided } of this.#readings(text)) {
      const near = logQlError(one);
      if (near === undefined) continue;
      if (undecided.length > 0) this.#around.undecided.add(`${title || this.#board.title} ($${undecided.join(', $')})`);
      else
        this.#found.unparsed(title, line, `the LogQL does not parse near "${near.replaceAll(standIn, '…')}"`, {
          detail: text,
        });
      return;
    }
  }

  /** What a query can become by the values of its variables that are written down. */
  #readings(text: string): Replaced[] {
    return readings(text, (name) => {
      const variable = this.#board.variables.find((one) => one.name === name);
      return variable && !variable.multi && !variable.includeAll ? writtenValues(variable) : undefined;
    });
  }

  /** The provisioned data source that is asked; undefined where it is not known which. */
  #sourceOf(ref: SourceRef | undefined): ProvisionedSource | undefined {
    const sources = this.#around.sources ?? [];
    const named = sources.find((one) => ref !== undefined && (one.uid === ref.uid || one.name === ref.uid));
    if (named) return named;
    const prometheis = sources.filter((one) => promql.has(one.type));
    // A variable, or the default, of which there is one only.
    return prometheis.length === 1 ? prometheis[0] : undefined;
  }

  /** A target's own data source that the panel's overrides: it leads nowhere, and nothing asks it. */
  #overridden(ref: SourceRef, line: number, title: string): void {
    const resolved = resolveSource(ref, this.#board, this.#around.sources);
    if (resolved.state !== 'missing') return;
    this.#find(
      'datasource-unresolved',
      title,
      ref.line || line,
      `${resolved.why}; the panel's own data source is queried`,
      {
        level: 'note',
      },
    );
  }

  /** VictoriaMetrics answers as a Prometheus, in a language that knows more. */
  get #dialect(): boolean {
    const { sources, metricsQl } = this.#around;
    return metricsQl || sources?.some((one) => /victoria|vmselect|:8428|:8481/i.test(one.url)) === true;
  }

  /** `certain`: the data source is known to be a Prometheus. */
  #expression(text: string, line: number, title: string, certain: boolean, shown: Shown = unshown): void {
    const read = this.#readings(text);
    const interval = variablesIn(text).some(({ name }) => name === 'interval');
    if (certain && interval && this.#board.variables.every(({ name }) => name !== 'interval'))
      this.#found.missing('interval', title, line, '$interval is not declared; is $__interval meant?', 'query');
    const fault = read
      .map(({ text: one, undecided }) => ({ fault: queryFault(one), undecided }))
      .find((one) => one.fault);
    if (fault?.fault !== undefined) {
      // SQL, Flux and LogQL have an `expr` too.
      if (!certain && otherLanguage.test(text)) return;
      const name = title || this.#board.title;
      if (this.#dialect) this.#around.undecided.add(`${name} (MetricsQL)`);
      else if (fault.undecided.length > 0) this.#around.undecided.add(`${name} ($${fault.undecided.join(', $')})`);
      else
        this.#found.unparsed(title, line, fault.fault, {
          detail: text,
          ...(!certain && { level: 'warning' as const }),
        });
      return;
    }
    const [replaced] = read;
    const tree = replaced && promqlTree(replaced.text);
    if (!tree) return;
    const parsed = parsePromQl(replaced.text);
    const detail = { detail: text };
    for (const selector of parsed.selectors)
      for (const { code, level, message, metric, cause, meant } of readFaults(selector, this.#around.known)) {
        // Asked for by both names, for exporters of either age.
        if (code === 'metric-renamed' && shown.beside.includes(nameToday(metric)?.today ?? standIn)) continue;
        if (code === 'metric-unknown') this.#around.unknown.add(metric);
        else
          this.#find(code, title, line, message, {
            ...detail,
            level: meant === undefined ? readLevel(code, level, text, this.#board.title) : level,
            cause,
          });
      }
    for (const { code, level, message } of shownFaults(tree, text, shown, this.#around.known, certain))
      this.#find(code, title, line, message, {
        ...detail,
        level,
        // The same mistake in many panels, and in many dashboards of one making.
        cause: code === 'panel-unit' ? `${text} ${shown.unit}` : message,
        shared: true,
      });
    // A panel that asks for the buckets too has the native histogram of the same name in mind.
    const native = parsed.selectors.some(({ name = '' }) => shown.beside.includes(`${name}_bucket`));
    for (const { code, level, message } of lintExpression(tree, this.#around.known, false))
      this.#find(code, title, line, message, {
        ...detail,
        // A picture is the same with such a label and without it; an alert's text is not.
        level: code === 'grouping-lost' || (native && code === 'quantile-without-bucket') ? 'note' : level,
        ...(code === 'rate-on-gauge' && { cause: message, shared: true }),
      });
  }

  #variables(): void {
    const { variables, uses, inputs, mentioned, handsOnAll } = this.#board;
    const declared = new Set(variables.map((one) => one.name));
    for (const { name, line, place, panel } of uses) {
      if (declared.has(name)) continue;
      const meant = place === 'query' ? misspeltBuiltIn(name) : undefined;
      const why = `$${name} is not one of Grafana’s variables; is $${meant} meant?`;
      if (meant !== undefined) this.#find('variable-undeclared', panel, line, why);
      if (builtIn(name)) continue;
      if (inputs.includes(name))
        this.#found.unfilled(name, line, `\${${name}} is in a query, and only the import dialog asks for it`);
      else this.#found.missing(name, panel, line, `$${name} is not declared`, place);
    }
    this.#found.sayMissing();
    if (handsOnAll) return;
    for (const { name, type, line } of variables) {
      const used =
        mentioned.includes(name) || variables.some((other) => other.name !== name && neededBy(other).includes(name));
      if (!used && !['adhoc', 'groupby'].includes(type))
        this.#find('variable-unused', '', line, `$${name} is not used`, { cause: 'unused' });
    }
  }

  #variableQueries(): void {
    for (const variable of this.#board.variables) {
      if (['adhoc', 'groupby'].includes(variable.type))
        this.#source(variable.source, variable.line, `variable ${variable.name}`, 'warning');
      if (variable.type !== 'query') continue;
      const { name, query, queryLine: line } = variable;
      const plugin = this.#source(variable.source, line, `variable ${name}`);
      if (query === '' || (plugin !== '' && !promql.has(plugin))) continue;
      const { expression, label, form } = variableQuery(query);
      if (expression === undefined || (plugin === '' && form === 'series')) continue;
      if (form === 'series' && this.#isNoSelector(expression)) {
        this.#find('variable-setting', '', line, `$${name} asks ${query}, ${variableForms}`, { level: 'error' });
        continue;
      }
      this.#expression(expression, line, `variable ${name}`, plugin !== '');
      if (label !== undefined) this.#offeredLabel(expression, label, variable);
    }
  }

  /** Is it anything else than what Prometheus's series API takes? Where a variable or the dialect decides, it may be one. */
  #isNoSelector(text: string): boolean {
    const { text: one, undecided } = replaceVariables(text);
    return undecided.length === 0 && !this.#dialect && promqlTree(one)?.kind !== 'selector';
  }

  /** Has the metric the label whose values a variable offers? */
  #offeredLabel(expression: string, label: string, { name, queryLine: line, regex }: Variable): void {
    const { known } = this.#around;
    const metric = parsePromQl(replaceVariables(expression).text).selectors[0]?.name ?? '';
    if (label.includes('$')) return;
    const values = known.exclusive(metric) ? (known.labelsOf(metric)?.get(label) ?? []) : [];
    const keeps = regex === '' || variablesIn(regex).length > 0 ? undefined : patternOf(regex);
    if (keeps && values.length > 0 && values.every((one) => one.search(keeps) < 0))
      this.#find(
        'variable-setting',
        '',
        line,
        `$${name} keeps ${regex}, and ${label} is ${values.slice(0, 8).join(', ')} now`,
      );
    if (!known.lacksLabel(metric, label)) return;
    this.#find(
      'label-missing',
      `variable ${name}`,
      line,
      `${metric} has no label ${label}: the variable has no values`,
      // Where targets are found by Kubernetes they have these, whatever the stack that is at hand.
      { detail: expression, ...(ofKubernetes.test(label) && { level: 'note' as const }) },
    );
  }
}

const ofKubernetes = /^(?:namespace|pod|container|node|service|endpoint|cluster|deployment|workload)$/;
