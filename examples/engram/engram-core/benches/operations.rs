//! Times store and recall, and writes target/bench/engram.json: name, unit, median and spread of each.

use engram_core::Store;
use std::time::Instant;

fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let store = Store::default();
    for n in 0..2_000 {
        let _ = store.store(&format!(
            "episode number{n} about topic{} and place{}",
            n % 40,
            n % 17
        ));
    }
    let rows = [
        measure("store", || {
            let _ = store.store("one more episode about topic7");
        }),
        measure("recall", || {
            let _ = store.recall("topic7 place3", 10);
        }),
    ];
    let json: Vec<String> = rows
        .iter()
        .map(|(name, p50, p95, p99)| {
            format!("  {{\"name\": \"{name}\", \"unit\": \"ns\", \"value\": {p50}, \"spread\": {}, \"p50\": {p50}, \"p95\": {p95}, \"p99\": {p99}}}", p95 - p50)
        })
        .collect();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench/engram.json");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("target/bench");
    std::fs::write(&path, format!("[\n{}\n]\n", json.join(",\n"))).expect("engram.json");
    for (name, p50, p95, p99) in rows {
        println!(
            "{name}: P50 {:.1} µs, P95 {:.1} µs, P99 {:.1} µs",
            p50 as f64 / 1e3,
            p95 as f64 / 1e3,
            p99 as f64 / 1e3
        );
    }
}

fn measure(name: &'static str, mut work: impl FnMut()) -> (&'static str, u128, u128, u128) {
    let mut times: Vec<u128> = (0..2_000)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    (name, at(0.5), at(0.95), at(0.99))
}
