//! The server: memories, health and metrics.

use crate::http::{Request, read_request, respond};
use engram_core::{Store, metrics};
use std::io::{self, BufReader};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Serves until the process is ended.
pub fn run(bind: &str, port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((bind, port))?;
    let store = Arc::new(Store::default());
    for text in [
        "the harbour at dawn",
        "boats in the harbour",
        "a letter about boats",
    ] {
        store.store(text).map_err(io::Error::other)?;
    }
    let background = Arc::clone(&store);
    // Recalls now and then, as a mind at rest does, so that latency is known without any client.
    thread::spawn(move || {
        loop {
            let _ = background.recall("harbour boats", 5);
            background.consolidate();
            thread::sleep(Duration::from_secs(1));
        }
    });
    eprintln!("engram listens on http://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let mut stream = stream?;
        let store = Arc::clone(&store);
        thread::spawn(move || {
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let Ok(read) = stream.try_clone() else { return };
            if let Some(request) = read_request(&mut BufReader::new(read)) {
                let (status, kind, body) = answer(&store, &request);
                let _ = respond(&mut stream, status, kind, &body);
            }
        });
    }
    Ok(())
}

const JSON: &str = "application/json";

fn answer(store: &Store, request: &Request) -> (u16, &'static str, String) {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/health") => (
            200,
            JSON,
            format!(
                "{{\"status\":\"ok\",\"version\":\"{}\",\"memories\":{}}}",
                env!("CARGO_PKG_VERSION"),
                store.len()
            ),
        ),
        ("GET", "/metrics/prometheus") => (
            200,
            "text/plain; version=0.0.4; charset=utf-8",
            metrics::prometheus::render(store),
        ),
        ("POST", "/api/v1/memories") => {
            let began = Instant::now();
            match store.store(&request.body) {
                Ok(id) => (
                    201,
                    JSON,
                    format!("{{\"id\":{id},\"took_ns\":{}}}", began.elapsed().as_nanos()),
                ),
                Err(error) => (422, JSON, format!("{{\"error\":\"{error}\"}}")),
            }
        }
        ("GET", "/api/v1/memories/recall") => {
            let cue = request
                .query
                .strip_prefix("q=")
                .unwrap_or("")
                .replace('+', " ");
            let began = Instant::now();
            match store.recall(&cue, 10) {
                Ok(found) => {
                    let took = began.elapsed().as_nanos();
                    let rows: Vec<String> = found
                        .iter()
                        .map(|r| {
                            format!(
                                "{{\"id\":{},\"activation\":{},\"tier\":\"{}\"}}",
                                r.episode.id, r.activation, r.episode.tier
                            )
                        })
                        .collect();
                    (
                        200,
                        JSON,
                        format!("{{\"took_ns\":{took},\"memories\":[{}]}}", rows.join(",")),
                    )
                }
                Err(error) => (422, JSON, format!("{{\"error\":\"{error}\"}}")),
            }
        }
        _ => (404, JSON, "{\"error\":\"no such page\"}".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(store: &Store, method: &str, path: &str, query: &str, body: &str) -> (u16, String) {
        let request = Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            body: body.into(),
        };
        let (status, _, text) = answer(store, &request);
        (status, text)
    }

    #[test]
    fn stored_then_recalled() {
        let store = Store::default();
        assert_eq!(ask(&store, "POST", "/api/v1/memories", "", "a boat").0, 201);
        let (status, text) = ask(&store, "GET", "/api/v1/memories/recall", "q=boat", "");
        assert_eq!(status, 200);
        assert!(text.contains("\"activation\":1"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let store = Store::default();
        assert_eq!(ask(&store, "POST", "/api/v1/memories", "", "").0, 422);
        assert_eq!(ask(&store, "GET", "/nowhere", "", "").0, 404);
    }
}
