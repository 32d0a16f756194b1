//! Times store and recall, and writes target/bench/engram.json: name, unit, value, spread and percentiles of each.

use engram_core::Store;
use std::fs;
use std::path::Path;
use std::time::Instant;

const ROUNDS: usize = 20;
const OPERATIONS: usize = 100;

fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let store = Store::default();
    for n in 0..200 {
        let _ = store.store(&format!(
            "episode number{n} about topic{} and place{}",
            n % 40,
            n % 17
        ));
    }
    let rows = [
        Timed::of("store", || {
            let _ = store.store("a letter from nowhere");
        }),
        Timed::of("recall", || {
            let _ = store.recall("number77", 10);
        }),
    ];
    let json: Vec<String> = rows.iter().flat_map(Timed::json).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench/engram.json");
    fs::create_dir_all(path.parent().expect("a folder")).expect("target/bench");
    fs::write(&path, format!("[\n  {}\n]\n", json.join(",\n  "))).expect("engram.json");
    for row in rows {
        println!("{}: {}", row.name, row.text());
    }
}

/// Nanoseconds of one operation.
struct Timed {
    name: &'static str,
    /// Medians of the rounds, sorted: how far they lie apart is the noise of the machine.
    medians: Vec<u128>,
    /// The quietest round, sorted: what else the machine does is not the store's.
    times: Vec<u128>,
}

impl Timed {
    fn of(name: &'static str, mut work: impl FnMut()) -> Timed {
        let mut rounds: Vec<Vec<u128>> = (0..ROUNDS)
            .map(|_| {
                let mut times: Vec<u128> = (0..OPERATIONS)
                    .map(|_| {
                        let began = Instant::now();
                        work();
                        began.elapsed().as_nanos()
                    })
                    .collect();
                times.sort_unstable();
                times
            })
            .collect();
        rounds.sort_unstable_by_key(|times| times[times.len() * 95 / 100]);
        let mut medians: Vec<u128> = rounds.iter().map(|times| times[times.len() / 2]).collect();
        medians.sort_unstable();
        Timed {
            name,
            medians,
            times: rounds.swap_remove(0),
        }
    }

    fn at(&self, share: f64) -> u128 {
        self.times[((self.times.len() - 1) as f64 * share) as usize]
    }

    fn json(&self) -> [String; 2] {
        let name = self.name;
        let (value, least, most) = (
            self.medians[ROUNDS / 2],
            self.medians[0],
            self.medians[ROUNDS - 1],
        );
        let spread = (most - value).max(value - least);
        let rate = |ns: u128| 1e9 / ns.max(1) as f64;
        [
            format!(
                "{{\"name\": \"{name}\", \"unit\": \"ns\", \"value\": {value}, \"spread\": {spread}, \"p50\": {}, \"p95\": {}, \"p99\": {}}}",
                self.at(0.5),
                self.at(0.95),
                self.at(0.99)
            ),
            format!(
                "{{\"name\": \"{name}\", \"unit\": \"ops/s\", \"value\": {:.0}, \"spread\": {:.0}}}",
                rate(value),
                (rate(least) - rate(value)).max(rate(value) - rate(most))
            ),
        ]
    }

    fn text(&self) -> String {
        let us = |share: f64| self.at(share) as f64 / 1e3;
        format!(
            "P50 {:.1} µs, P95 {:.1} µs, P99 {:.1} µs",
            us(0.5),
            us(0.95),
            us(0.99)
        )
    }
}
