// Functions that only MetricsQL has, and its own words. Source: VictoriaMetrics's documentation of MetricsQL.
const own =
  /\b(?:(?:top|bottom)k_(?:max|min|avg|last|median)|buckets_limit|prometheus_buckets|range_(?:avg|first|last|linear_regression|max|median|min|normalize|quantile|sum|trim_outliers)|rollup(?:_\w+)?|lag|lifetime|scrape_interval|zscore|mode_over_time|outliersk|hoeffding_bound_(?:lower|upper)|ascent_over_time|descent_over_time|histogram_over_time|tmax_over_time|tmin_over_time|range_over_time|rate_over_sum|rate_prometheus|default_rollup|running_(?:avg|max|min|sum)|label_(?:copy|del|graphite_group|keep|lowercase|map|match|mismatch|move|set|transform|uppercase|value)s?|keep_last_value|quantiles_over_time|share_(?:eq|gt|le)_over_time|count_(?:eq|gt|le|ne)_over_time|increase_(?:pure|prometheus)|histogram_share|tlast_over_time|median_over_time|distinct_over_time|remove_resets|smooth_exponential)\s*\(|\bkeep_metric_names\b|\bWITH\s*\(/;

/** Does the text use what Prometheus does not know and VictoriaMetrics does? */
export const isMetricsQl = (text: string): boolean => own.test(text);
