/** What a function takes and gives. Types: `v` instant vector, `m` range, `s` scalar, `t` text. */
export interface Signature {
  takes: string;
  /** How many more arguments than `takes` it may have beside its last, which is then optional; -1: any number. 0: none is optional. */
  more: number;
  gives: 's' | 'v';
  /** Only with --enable-feature=promql-experimental-functions. */
  experimental: boolean;
}

// Source: Prometheus 3.7, promql/parser/functions.go; holt_winters is that of Prometheus 2, without its flag.
const table = `
abs v|absent v|absent_over_time m|acos v|acosh v|asin v|asinh v|atan v|atanh v|avg_over_time m|ceil v|changes m|clamp vss
clamp_max vs|clamp_min vs|cos v|cosh v|count_over_time m|days_in_month v 1|day_of_month v 1|day_of_week v 1|day_of_year v 1
deg v|delta m|deriv m|exp v|first_over_time m 0 x|floor v|histogram_avg v|histogram_count v|histogram_sum v
histogram_stddev v|histogram_stdvar v|histogram_fraction ssv|histogram_quantile sv|double_exponential_smoothing mss 0 x
holt_winters mss|hour v 1|idelta m|increase m|info vv 1 x|irate m|label_replace vtttt|label_join vttt -1|last_over_time m
ln v|log10 v|log2 v|mad_over_time m 0 x|max_over_time m|min_over_time m|ts_of_first_over_time m 0 x
ts_of_max_over_time m 0 x|ts_of_min_over_time m 0 x|ts_of_last_over_time m 0 x|minute v 1|month v 1|pi - 0 s
predict_linear ms|present_over_time m|quantile_over_time sm|rad v|rate m|resets m|round vs 1|scalar v 0 s|sgn v|sin v|sinh v
sort v|sort_desc v|sort_by_label vt -1 x|sort_by_label_desc vt -1 x|sqrt v|stddev_over_time m|stdvar_over_time m
sum_over_time m|tan v|tanh v|time - 0 s|timestamp v|vector s|year v 1`;

export const signatures: ReadonlyMap<string, Signature> = new Map(
  table
    .trim()
    .split(/[|\n]/)
    .map((one): [string, Signature] => {
      const [name = '', takes = '', more = '0', mark = ''] = one.split(' ');
      return [
        name,
        {
          takes: takes.replace('-', ''),
          more: Number(more),
          gives: mark === 's' ? 's' : 'v',
          experimental: mark === 'x',
        },
      ];
    }),
);

/** Aggregations that Prometheus gives only with its flag for experimental functions. */
export const experimentalAggregations: ReadonlySet<string> = new Set(['limitk', 'limit_ratio']);
