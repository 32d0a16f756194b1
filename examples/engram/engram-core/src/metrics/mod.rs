//! Counters, gauges and histograms of the store.

pub mod prometheus;

use std::sync::Mutex;
use std::time::Duration;

/// Upper bounds in seconds; `+Inf` comes with the exposition.
pub const BUCKETS: [f64; 12] = [
    0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0,
];

/// A histogram with fixed buckets: what it has counted it keeps, so that rates over it are true.
#[derive(Default)]
pub struct Histogram {
    inner: Mutex<Counts>,
}

#[derive(Default, Clone)]
pub struct Counts {
    pub buckets: [u64; BUCKETS.len()],
    pub count: u64,
    pub sum: f64,
}

impl Histogram {
    pub fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut counts = self.inner.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(slot) = BUCKETS.iter().position(|&bound| seconds <= bound) {
            counts.buckets[slot] += 1;
        }
        counts.count += 1;
        counts.sum += seconds;
    }

    pub fn counts(&self) -> Counts {
        self.inner.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_observation_is_counted_once() {
        let histogram = Histogram::default();
        for ms in [0, 1, 3, 7, 20_000] {
            histogram.observe(Duration::from_millis(ms));
        }
        let counts = histogram.counts();
        assert_eq!(counts.count, 5);
        assert_eq!(
            counts.buckets.iter().sum::<u64>(),
            4,
            "20 s is above every bound"
        );
    }
}
