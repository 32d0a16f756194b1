/** The rest of a call from behind its opening bracket, without what stands behind its closing one; undefined where it has no end. */
function callFrom(text: string, at: number): string | undefined {
  let depth = 0;
  for (let n = at; n < Math.min(text.length, at + 3000); n++) {
    const one = text[n] ?? '';
    if (one === '"' || one === "'" || one === '`') {
      const end = text.slice(n + 1, n + 1000).search(new RegExp(String.raw`(?<!\\)${one}`));
      if (end < 0) return undefined;
      n += end + 1;
    } else if ('([{'.includes(one)) depth++;
    else if (')]}'.includes(one) && --depth < 0) return text.slice(at, n);
  }
  return undefined;
}

/** The texts of a list, where it holds nothing else. */
function quotedOnly(list: string | undefined): string[] | undefined {
  const parts = list?.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const texts = parts?.map((part) => /^(["'`])([A-Za-z_]\w*)\1$/.exec(part)?.[2] ?? '');
  return texts?.includes('') === true ? undefined : texts;
}

const python = (call: string): string[] | undefined => {
  const keyed = /\blabelnames\s*=\s*[[(]([^\])]*)[\])]/.exec(call);
  if (keyed) return quotedOnly(keyed[1]);
  if (/\blabelnames\b|\*\w/.test(call)) return undefined;
  // Name and help come first; what follows without a key are the labels.
  const text = String.raw`\s*(?:\(\s*)?(?:[rf]?"(?:[^"\\]|\\.)*"\s*|[rf]?'(?:[^'\\]|\\.)*'\s*)+\)?\s*`;
  const rest = new RegExp(String.raw`^${text},${text}(?:,\s*([^]*))?$`).exec(call);
  if (!rest) return undefined;
  const [, after = ''] = rest;
  if (after === '' || /^\w+\s*=/.test(after)) return [];
  return quotedOnly(/^[[(]([^\])]*)[\])]/.exec(after)?.[1]);
};

/** How a client library is told the labels of a metric: by its name, what a call that registers one looks like, and their list. */
const ways: Record<string, { callee: RegExp; labels: (call: string, callee: string) => string[] | undefined }> = {
  client_golang: {
    callee: /\bNew(?:Counter|Gauge|Histogram|Summary)(?:Vec)?\s*\(/,
    labels: (call, callee) =>
      /ConstLabels/.test(call)
        ? undefined
        : /Vec/.test(callee)
          ? quotedOnly([...call.matchAll(/\[\]string\s*\{([^}]*)\}/g)].at(-1)?.[1])
          : [],
  },
  'prom-client': {
    callee: /\b(?:Counter|Gauge|Histogram|Summary)(?:<[^<>()]*>)?\s*\(/,
    labels: (call) =>
      /\blabelNames\b/.test(call)
        ? quotedOnly(/\blabelNames\s*:\s*\[([^\]]*)\]/.exec(call)?.[1])
        : /\.\.\./.test(call)
          ? undefined
          : [],
  },
  'the crate prometheus': {
    callee: /\bregister_\w+!\s*\(|\b(?:Int|Float)?(?:Counter|Gauge|Histogram)(?:Vec)?::(?:new|with_opts)\s*\(/,
    labels: (call, callee) =>
      /const_label|labels!/.test(call)
        ? undefined
        : /_vec!|Vec::/.test(callee)
          ? quotedOnly([...call.matchAll(/&\[([^\]]*)\]/g)].at(-1)?.[1])
          : [],
  },
  prometheus_client: { callee: /\b(?:Counter|Gauge|Histogram|Summary)\s*\(/, labels: python },
};

/**
 * The labels that a call registers a metric with.
 * @param matched the beginning of the call as it was found, and where that is in the text
 * @returns undefined where they are not all written out
 */
export function labelsAt(text: string, matched: string, at: number, library: string): string[] | undefined {
  const way = ways[library];
  // `HistogramVec::new(HistogramOpts::new("name", "help"), &["label"])`: the call around it has the labels.
  const around = /opts/i.test(matched) && library === 'the crate prometheus';
  const before = around ? (/\b\w+(?:!|::\w+)\s*\(\s*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? '') : '';
  const callee = way?.callee.exec(around ? before : matched)?.[0];
  if (way === undefined || callee === undefined) return undefined;
  const opens = around ? at - before.length + before.indexOf('(') : at + matched.indexOf('(', matched.indexOf(callee));
  const call = callFrom(text, opens + 1);
  return call === undefined ? undefined : way.labels(call, callee);
}

/** Labels that are put on every metric of a registry. */
export const labelsEverywhere = /\bsetDefaultLabels\b|\bdefaultLabels\s*:|\bWrapRegistererWith\b|Registry::new_custom/;
