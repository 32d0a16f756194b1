//! The text exposition format, version 0.0.4.

use super::{BUCKETS, Histogram};
use crate::store::{OPERATIONS, Store};
use crate::tier::Tier;
use std::fmt::Write;

/// Everything that the store measures.
pub fn render(store: &Store) -> String {
    let mut out = String::new();
    head(
        &mut out,
        "engram_build_info",
        "gauge",
        "Version of the running server.",
    );
    let _ = writeln!(
        out,
        "engram_build_info{{version=\"{}\"}} 1",
        env!("CARGO_PKG_VERSION")
    );

    head(
        &mut out,
        "engram_spreading_latency_seconds",
        "histogram",
        "Time of one spread of activation, by tier.",
    );
    for tier in Tier::ALL {
        histogram(
            &mut out,
            "engram_spreading_latency_seconds",
            "tier",
            tier.name(),
            store.spreading(tier),
        );
    }
    head(
        &mut out,
        "engram_memory_operation_duration_seconds",
        "histogram",
        "Time of one memory operation.",
    );
    for (n, operation) in OPERATIONS.iter().enumerate() {
        histogram(
            &mut out,
            "engram_memory_operation_duration_seconds",
            "operation",
            operation,
            store.duration(n),
        );
    }
    head(
        &mut out,
        "engram_operation_total",
        "counter",
        "Memory operations.",
    );
    for (n, operation) in OPERATIONS.iter().enumerate() {
        let _ = writeln!(
            out,
            "engram_operation_total{{operation=\"{operation}\"}} {}",
            store.duration(n).counts().count
        );
    }
    head(
        &mut out,
        "engram_operation_errors_total",
        "counter",
        "Memory operations that failed.",
    );
    for (n, operation) in OPERATIONS.iter().enumerate() {
        let _ = writeln!(
            out,
            "engram_operation_errors_total{{operation=\"{operation}\"}} {}",
            store.errors(n)
        );
    }
    head(
        &mut out,
        "engram_tier_episodes",
        "gauge",
        "Episodes in a tier.",
    );
    for tier in Tier::ALL {
        let _ = writeln!(
            out,
            "engram_tier_episodes{{tier=\"{tier}\"}} {}",
            store.episodes(tier)
        );
    }
    head(
        &mut out,
        "engram_tier_utilization_ratio",
        "gauge",
        "Episodes over the capacity of a tier.",
    );
    for tier in Tier::ALL {
        let used = store.episodes(tier) as f64 / tier.capacity() as f64;
        let _ = writeln!(
            out,
            "engram_tier_utilization_ratio{{tier=\"{tier}\"}} {used}"
        );
    }
    gauge(
        &mut out,
        "engram_active_memories",
        "Episodes in all tiers.",
        store.len() as f64,
    );
    gauge(
        &mut out,
        "engram_wal_lag_seconds",
        "Age of the oldest record that is not yet on disk.",
        store.wal_lag().as_secs_f64(),
    );
    gauge(
        &mut out,
        "engram_consolidation_freshness_seconds",
        "Time since the last consolidation.",
        store.since_consolidation().as_secs_f64(),
    );
    out
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn gauge(out: &mut String, name: &str, help: &str, value: f64) {
    head(out, name, "gauge", help);
    let _ = writeln!(out, "{name} {value}");
}

fn histogram(out: &mut String, name: &str, label: &str, value: &str, histogram: &Histogram) {
    let counts = histogram.counts();
    let mut so_far = 0;
    for (bound, n) in BUCKETS.iter().zip(counts.buckets) {
        so_far += n;
        let _ = writeln!(
            out,
            "{name}_bucket{{{label}=\"{value}\",le=\"{bound}\"}} {so_far}"
        );
    }
    let _ = writeln!(
        out,
        "{name}_bucket{{{label}=\"{value}\",le=\"+Inf\"}} {}",
        counts.count
    );
    let _ = writeln!(out, "{name}_sum{{{label}=\"{value}\"}} {}", counts.sum);
    let _ = writeln!(out, "{name}_count{{{label}=\"{value}\"}} {}", counts.count);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_end_in_the_count() {
        let store = Store::default();
        for n in 0..50 {
            store.store(&format!("episode {n}")).unwrap();
        }
        let text = render(&store);
        let values: Vec<u64> = text
            .lines()
            .filter(|l| {
                l.starts_with("engram_memory_operation_duration_seconds_bucket{operation=\"store\"")
            })
            .map(|l| l.rsplit(' ').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(values.len(), BUCKETS.len() + 1);
        assert!(values.windows(2).all(|w| w[0] <= w[1]));
        assert_eq!(values.last(), Some(&50));
    }

    #[test]
    fn every_family_is_declared_once() {
        let text = render(&Store::default());
        let mut names: Vec<&str> = text
            .lines()
            .filter_map(|l| l.strip_prefix("# TYPE "))
            .collect();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
